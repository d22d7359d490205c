// Generated from openapi/chats.yaml by `npm run generate`. Do not edit.

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

/** Fields of responses that `JSON.parse` may round. */
export const int64Fields = ["campaignId", "chatId", "orderId", "returnId"] as const;

/**
 * Context of a chat:
 *
 * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 * * `DIRECT` — a chat started by the customer. [Messages from customers](https://yandex.ru/support/marketplace/ru/orders/communication/with-users)
 */
export const chatContextTypes = ["ORDER", "RETURN", "DIRECT"] as const;

/**
 * Chat status:
 *
 * * `NEW` — new chat.
 * * `WAITING_FOR_CUSTOMER` — a reply from the customer is required.
 * * `WAITING_FOR_PARTNER` — a reply from the store is required.
 * * `WAITING_FOR_ARBITER` — a reply from the arbiter is required.
 * * `WAITING_FOR_MARKET` — a reply from Yandex Market is required.
 * * `FINISHED` — the chat is finished.
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
