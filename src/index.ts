export { createChatsClient } from "./client.js";
export { ApiError, ConnectionError, MarketError, RateLimitError, ResponseError, TimeoutError } from "./errors.js";
export { chatContextTypes, chatStatuses, chatTypes } from "./generated/constants.js";
export type {
  ApiErrorDetail,
  Chat,
  ChatContext,
  ChatContextFilter,
  ChatContextFilterType,
  ChatContextType,
  ChatCustomer,
  ChatsFilter,
  ChatsPage,
  ChatsPaging,
  ChatStatus,
  ChatType,
  components,
  operations,
  paths,
} from "./generated/types.js";
export type * from "./types.js";
