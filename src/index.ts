export { type ChatsClient, type ChatsClientOptions, type ChatsListing, createChatsClient } from "./client.js";
export type { GetChatsOptions, ListChatsOptions } from "./client.js";
export { ApiError, ConnectionError, MarketError, RateLimitError, ResponseError, TimeoutError } from "./errors.js";
export type { Fetch } from "./exchange.js";
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
export type { ApiKey } from "./key.js";
export type { RateLimit } from "./limits.js";
export type { Attempt, CallOptions } from "./transport.js";
