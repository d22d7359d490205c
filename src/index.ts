export { createChatsClient } from "./client.js";
export { ApiError, ConnectionError, MarketError, RateLimitError, ResponseError, TimeoutError } from "./errors.js";
export { chatContextTypes, chatStatuses, chatTypes } from "./generated/constants.js";
export type * from "./generated/types.js";
export type * from "./types.js";
