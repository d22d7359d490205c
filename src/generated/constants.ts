// Compiled from openapi/chats.yaml by `npm run generate`. Not to be edited by hand.

/** Base URL of the API. */
export const defaultBaseUrl = "https://api.partner.market.yandex.ru" as const;

/** Name of the header that contains the API key. */
export const apiKeyHeader = "Api-Key" as const;

/** Names of the response headers that describe the quota of an operation. */
export const rateLimitHeaders = {
  limit: "X-RateLimit-Resource-Limit",
  remaining: "X-RateLimit-Resource-Remaining",
  until: "X-RateLimit-Resource-Until",
} as const;

/** The operations: route, documented quota, page size, and filters that are arrays. */
export const endpoints = {
  getChats: {
    method: "POST",
    path: "/v2/businesses/{businessId}/chats",
    requestsPerHour: 10000,
    limit: { minimum: 1, maximum: 20, default: 10 },
    filterLists: {
      contexts: { id: "integer", type: "string" },
      contextTypes: "string",
      orderIds: "integer",
      statuses: "string",
      types: "string",
    },
  },
  getChat: { method: "GET", path: "/v2/businesses/{businessId}/chat", requestsPerHour: 1000 },
} as const;

/**
 * What the chat is about:
 *
 * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 * * `DIRECT` — the customer started the chat. [Messages from customers](https://yandex.ru/support/marketplace/ru/orders/communication/with-users)
 */
export const chatContextTypes = ["ORDER", "RETURN", "DIRECT"] as const;

/**
 * Chat status, that is whose turn it is:
 *
 * * `NEW` — new chat.
 * * `WAITING_FOR_CUSTOMER` — the customer's answer is needed.
 * * `WAITING_FOR_PARTNER` — the store's answer is needed.
 * * `WAITING_FOR_ARBITER` — the arbiter's answer is needed.
 * * `WAITING_FOR_MARKET` — the Market's answer is needed.
 * * `FINISHED` — the chat is over.
 */
export const chatStatuses = [
  "NEW",
  "WAITING_FOR_CUSTOMER",
  "WAITING_FOR_PARTNER",
  "WAITING_FOR_ARBITER",
  "WAITING_FOR_MARKET",
  "FINISHED",
] as const;

/**
 * Chat type:
 *
 * * `CHAT` — chat with the customer.
 * * `ARBITRAGE` — dispute.
 */
export const chatTypes = ["CHAT", "ARBITRAGE"] as const;
