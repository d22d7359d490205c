// Generated from openapi/chats.yaml by `npm run generate`. Do not edit.

/** Filters for chats. All filters are optional. A chat is returned if it matches all of them. */
export interface ChatsFilter {
  /** Return only chats about these orders or returns. If set, must contain at least one value. */
  contexts?: readonly ChatContextFilter[] | undefined;
  /** Return only chats with these context types. If set, must contain at least one value. */
  contextTypes?: readonly ChatContextType[] | undefined;
  /**
   * Return only chats about these orders. If set, must contain at least one value.
   *
   * @deprecated use `contexts`. According to the documentation, support ends on 2026-10-19.
   */
  orderIds?: readonly number[] | undefined;
  /** Return only chats with these statuses. If set, must contain at least one value. */
  statuses?: readonly ChatStatus[] | undefined;
  /** Return only chats of these types. If set, must contain at least one value. */
  types?: readonly ChatType[] | undefined;
}

/** An order or a return that a chat is about. */
export interface ChatContextFilter {
  /** The order or return ID. */
  id: number;
  /**
   * Context of a chat that has an ID:
   *
   * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
   * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
   */
  type: ChatContextFilterType;
}

/** Response of `getChats`. */
export interface GetChatsResponse {
  /** A page of the list of chats. */
  result?: ChatsPage;
  /**
   * Response status:
   *
   * * `OK` — no errors.
   * * `ERROR` — an error occurred while processing the request.
   */
  status?: ApiResponseStatus;
}

/** Response of `getChat`. */
export interface GetChatResponse {
  /** Information about a chat with a customer. */
  result?: Chat;
  /**
   * Response status:
   *
   * * `OK` — no errors.
   * * `ERROR` — an error occurred while processing the request.
   */
  status?: ApiResponseStatus;
}

/** A page of the list of chats. */
export interface ChatsPage {
  /** Chats of this page. An empty page is not necessarily the last one. */
  chats: Chat[];
  /** Reference to the next page. Absent on the last page. */
  paging?: ChatsPaging;
}

/** Reference to the next page. Absent on the last page. */
export interface ChatsPaging {
  /** ID of the next results page. Pass it unchanged. Absent on the last page. */
  nextPageToken?: string;
}

/** Information about a chat with a customer. */
export interface Chat {
  /** The chat ID. */
  chatId: number;
  /** The order or return that the chat is about. */
  context: ChatContext;
  /**
   * Date and time when the chat was created.
   *
   * Date format: ISO 8601 with an offset relative to UTC.
   *
   * Format: date-time
   * @example 2017-11-21T00:00:00+03:00
   */
  createdAt: string;
  /**
   * The order ID.
   *
   * @deprecated use `context.orderId`.
   */
  orderId?: number;
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
  status: ChatStatus;
  /**
   * Chat type:
   *
   * * `CHAT` — chat with the customer.
   * * `ARBITRAGE` — dispute.
   */
  type: ChatType;
  /**
   * Date and time of the last message in the chat.
   *
   * Date format: ISO 8601 with an offset relative to UTC.
   *
   * Format: date-time
   * @example 2017-11-21T00:00:00+03:00
   */
  updatedAt: string;
}

/** The order or return that the chat is about. */
export interface ChatContext {
  /** Campaign ID: the store of the cabinet that the order or return belongs to. Returned for orders and returns. */
  campaignId?: number;
  /** The customer in the chat. */
  customer?: ChatCustomer;
  /** The order ID. Returned for orders and returns. */
  orderId?: number;
  /** The return ID. Returned only for returns. */
  returnId?: number;
  /**
   * Context of a chat:
   *
   * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
   * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
   * * `DIRECT` — a chat started by the customer. [Messages from customers](https://yandex.ru/support/marketplace/ru/orders/communication/with-users)
   */
  type: ChatContextType;
}

/** The customer in the chat. */
export interface ChatCustomer {
  /** Public name of the customer in Yandex ID, as shown in Yandex services. */
  name?: string;
  /**
   * Public ID of the customer in Yandex ID, as in `https://market.yandex.ru/user/{publicId}/reviews`.
   * [Public data in Yandex ID](https://yandex.ru/support/id/ru/data/public-data)
   */
  publicId?: string;
}

/**
 * Context of a chat:
 *
 * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 * * `DIRECT` — a chat started by the customer. [Messages from customers](https://yandex.ru/support/marketplace/ru/orders/communication/with-users)
 */
export type ChatContextType = "ORDER" | "RETURN" | "DIRECT";

/**
 * Context of a chat that has an ID:
 *
 * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 */
export type ChatContextFilterType = "ORDER" | "RETURN";

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
export type ChatStatus =
  "NEW" | "WAITING_FOR_CUSTOMER" | "WAITING_FOR_PARTNER" | "WAITING_FOR_ARBITER" | "WAITING_FOR_MARKET" | "FINISHED";

/**
 * Chat type:
 *
 * * `CHAT` — chat with the customer.
 * * `ARBITRAGE` — dispute.
 */
export type ChatType = "CHAT" | "ARBITRAGE";

/** Error response. */
export interface ApiErrorResponse {
  /** List of errors. May be absent. May be `null`. */
  errors?: ApiErrorDetail[] | null;
  /**
   * Response status:
   *
   * * `OK` — no errors.
   * * `ERROR` — an error occurred while processing the request.
   */
  status?: ApiResponseStatus;
}

/** An error, with the code and message returned by the API. */
export interface ApiErrorDetail {
  /** The error code. */
  code: string;
  /** Description of the error. */
  message?: string;
}

/**
 * Response status:
 *
 * * `OK` — no errors.
 * * `ERROR` — an error occurred while processing the request.
 */
export type ApiResponseStatus = "OK" | "ERROR";

export interface paths {
  "/v2/businesses/{businessId}/chats": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Getting available chats
     * Returns a page of the chats with customers.
     *
     * Requires an API key with one of the scopes `communication`, `all-methods` or `all-methods:read-only`.
     *
     * The documented quota is 10,000 requests per hour. Every response contains the current quota in the
     * `X-RateLimit-Resource-*` headers.
     */
    post: operations["getChats"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v2/businesses/{businessId}/chat": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Getting a chat by ID
     * Returns the chat by its ID.
     *
     * Requires an API key with one of the scopes `communication`, `all-methods` or `all-methods:read-only`.
     *
     * The documented quota is 1,000 requests per hour. Every response contains the current quota in the
     * `X-RateLimit-Resource-*` headers.
     */
    get: operations["getChat"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export interface components {
  schemas: {
    /** Filters for chats. All filters are optional. A chat is returned if it matches all of them. */
    GetChatsRequest: ChatsFilter;
    /** An order or a return that a chat is about. */
    ChatContextDTO: ChatContextFilter;
    /** Response of `getChats`. */
    GetChatsResponse: GetChatsResponse;
    /** Response of `getChat`. */
    GetChatResponse: GetChatResponse;
    /** A page of the list of chats. */
    GetChatsInfoDTO: ChatsPage;
    /** Reference to the next page. Absent on the last page. */
    ForwardScrollingPagerDTO: ChatsPaging;
    /** Information about a chat with a customer. */
    GetChatInfoDTO: Chat;
    /** The order or return that the chat is about. */
    ChatFullContextDTO: ChatContext;
    /** The customer in the chat. */
    ChatCustomerDTO: ChatCustomer;
    /**
     * Context of a chat:
     *
     * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
     * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
     * * `DIRECT` — a chat started by the customer. [Messages from customers](https://yandex.ru/support/marketplace/ru/orders/communication/with-users)
     */
    ChatContextType: ChatContextType;
    /**
     * Context of a chat that has an ID:
     *
     * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
     * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
     */
    ChatContextIdentifiableType: ChatContextFilterType;
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
    ChatStatusType: ChatStatus;
    /**
     * Chat type:
     *
     * * `CHAT` — chat with the customer.
     * * `ARBITRAGE` — dispute.
     */
    ChatType: ChatType;
    /** Error response. */
    ApiErrorResponse: ApiErrorResponse;
    /** An error, with the code and message returned by the API. */
    ApiErrorDTO: ApiErrorDetail;
    /**
     * Response status:
     *
     * * `OK` — no errors.
     * * `ERROR` — an error occurred while processing the request.
     */
    ApiResponseStatusType: ApiResponseStatus;
  };
  responses: {
    /**
     * The request contains incorrect data.
     * [More information about the error](https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes#400)
     */
    BadRequest: {
      headers: {
        "X-RateLimit-Resource-Limit": components["headers"]["RateLimitResourceLimit"];
        "X-RateLimit-Resource-Remaining": components["headers"]["RateLimitResourceRemaining"];
        "X-RateLimit-Resource-Until": components["headers"]["RateLimitResourceUntil"];
        [name: string]: unknown;
      };
      content: {
        "application/json": ApiErrorResponse;
      };
    };
    /**
     * The authorization data is not specified in the request.
     * [More information about the error](https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes#401)
     */
    Unauthorized: {
      headers: {
        "X-RateLimit-Resource-Limit": components["headers"]["RateLimitResourceLimit"];
        "X-RateLimit-Resource-Remaining": components["headers"]["RateLimitResourceRemaining"];
        "X-RateLimit-Resource-Until": components["headers"]["RateLimitResourceUntil"];
        [name: string]: unknown;
      };
      content: {
        "application/json": ApiErrorResponse;
      };
    };
    /**
     * The authorization data is incorrect or access to the resource is prohibited.
     * [More information about the error](https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes#403)
     */
    Forbidden: {
      headers: {
        "X-RateLimit-Resource-Limit": components["headers"]["RateLimitResourceLimit"];
        "X-RateLimit-Resource-Remaining": components["headers"]["RateLimitResourceRemaining"];
        "X-RateLimit-Resource-Until": components["headers"]["RateLimitResourceUntil"];
        [name: string]: unknown;
      };
      content: {
        "application/json": ApiErrorResponse;
      };
    };
    /**
     * The requested resource was not found.
     * [More information about the error](https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes#404)
     */
    NotFound: {
      headers: {
        "X-RateLimit-Resource-Limit": components["headers"]["RateLimitResourceLimit"];
        "X-RateLimit-Resource-Remaining": components["headers"]["RateLimitResourceRemaining"];
        "X-RateLimit-Resource-Until": components["headers"]["RateLimitResourceUntil"];
        [name: string]: unknown;
      };
      content: {
        "application/json": ApiErrorResponse;
      };
    };
    /**
     * A limit has been exceeded: the quota of the operation, or the number of concurrent requests.
     * [More information about the error](https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes#420)
     */
    MethodFailure: {
      headers: {
        "X-RateLimit-Resource-Limit": components["headers"]["RateLimitResourceLimit"];
        "X-RateLimit-Resource-Remaining": components["headers"]["RateLimitResourceRemaining"];
        "X-RateLimit-Resource-Until": components["headers"]["RateLimitResourceUntil"];
        [name: string]: unknown;
      };
      content: {
        "application/json": ApiErrorResponse;
      };
    };
    /**
     * Internal error in Yandex Market.
     * [More information about the error](https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes#500)
     */
    InternalServerError: {
      headers: {
        "X-RateLimit-Resource-Limit": components["headers"]["RateLimitResourceLimit"];
        "X-RateLimit-Resource-Remaining": components["headers"]["RateLimitResourceRemaining"];
        "X-RateLimit-Resource-Until": components["headers"]["RateLimitResourceUntil"];
        [name: string]: unknown;
      };
      content: {
        "application/json": ApiErrorResponse;
      };
    };
  };
  parameters: {
    /**
     * Cabinet ID. To get it, use the request
     * [GET v2/campaigns](https://yandex.ru/dev/market/partner-api/doc/en/reference/campaigns/getCampaigns).
     *
     * [What is a cabinet and a store on the Market?](https://yandex.ru/support/marketplace/account/introduction.html)
     */
    BusinessId: number;
    /**
     * Number of chats per page, from 1 to 20. If the first request of a listing contains it, all following requests
     * must contain it.
     *
     * The reference page documents the maximum as "Do not pass a value greater than 20". Added upstream on
     * 2026-02-19: the maximum in the schema, and the default of 10.
     *
     * @example 20
     */
    Limit: number;
    /**
     * ID of the results page: the unchanged `nextPageToken` of the previous page. If omitted, the first page is
     * returned.
     *
     * If `page_token` is set and the request has the parameters `page` and `pageSize`, they are ignored.
     *
     * @example eyBuZXh0SWQ6IDIzNDIgfQ==
     */
    PageToken: string;
    /** The chat ID. */
    ChatId: number;
  };
  requestBodies: never;
  headers: {
    /**
     * Maximum number of requests to the operation in the current quota window.
     * Documented on the [limits page](https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits). Also sent
     * with errors.
     */
    RateLimitResourceLimit: number;
    /**
     * Remaining requests to the operation in the current quota window.
     * Documented on the [limits page](https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits). Also sent
     * with errors.
     */
    RateLimitResourceRemaining: number;
    /**
     * End of the current quota window, as an HTTP date by the server's clock.
     * Documented on the [limits page](https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits). Also sent
     * with errors. The weekday may be wrong, as in the documented example.
     */
    RateLimitResourceUntil: string;
  };
  pathItems: never;
}
export interface operations {
  getChats: {
    parameters: {
      query?: {
        /**
         * Number of chats per page, from 1 to 20. If the first request of a listing contains it, all following requests
         * must contain it.
         *
         * The reference page documents the maximum as "Do not pass a value greater than 20". Added upstream on
         * 2026-02-19: the maximum in the schema, and the default of 10.
         *
         * @example 20
         */
        limit?: components["parameters"]["Limit"] | undefined;
        /**
         * ID of the results page: the unchanged `nextPageToken` of the previous page. If omitted, the first page is
         * returned.
         *
         * If `page_token` is set and the request has the parameters `page` and `pageSize`, they are ignored.
         *
         * @example eyBuZXh0SWQ6IDIzNDIgfQ==
         */
        page_token?: components["parameters"]["PageToken"] | undefined;
      };
      header?: never;
      path: {
        /**
         * Cabinet ID. To get it, use the request
         * [GET v2/campaigns](https://yandex.ru/dev/market/partner-api/doc/en/reference/campaigns/getCampaigns).
         *
         * [What is a cabinet and a store on the Market?](https://yandex.ru/support/marketplace/account/introduction.html)
         */
        businessId: components["parameters"]["BusinessId"];
      };
      cookie?: never;
    };
    /** Filters. An empty object matches all chats. */
    requestBody: {
      content: {
        "application/json": ChatsFilter;
      };
    };
    responses: {
      /** A list of chats. */
      200: {
        headers: {
          "X-RateLimit-Resource-Limit": components["headers"]["RateLimitResourceLimit"];
          "X-RateLimit-Resource-Remaining": components["headers"]["RateLimitResourceRemaining"];
          "X-RateLimit-Resource-Until": components["headers"]["RateLimitResourceUntil"];
          [name: string]: unknown;
        };
        content: {
          "application/json": GetChatsResponse;
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      404: components["responses"]["NotFound"];
      420: components["responses"]["MethodFailure"];
      500: components["responses"]["InternalServerError"];
    };
  };
  getChat: {
    parameters: {
      query: {
        /** The chat ID. */
        chatId: components["parameters"]["ChatId"];
      };
      header?: never;
      path: {
        /**
         * Cabinet ID. To get it, use the request
         * [GET v2/campaigns](https://yandex.ru/dev/market/partner-api/doc/en/reference/campaigns/getCampaigns).
         *
         * [What is a cabinet and a store on the Market?](https://yandex.ru/support/marketplace/account/introduction.html)
         */
        businessId: components["parameters"]["BusinessId"];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** Information about the chat. */
      200: {
        headers: {
          "X-RateLimit-Resource-Limit": components["headers"]["RateLimitResourceLimit"];
          "X-RateLimit-Resource-Remaining": components["headers"]["RateLimitResourceRemaining"];
          "X-RateLimit-Resource-Until": components["headers"]["RateLimitResourceUntil"];
          [name: string]: unknown;
        };
        content: {
          "application/json": GetChatResponse;
        };
      };
      400: components["responses"]["BadRequest"];
      401: components["responses"]["Unauthorized"];
      403: components["responses"]["Forbidden"];
      404: components["responses"]["NotFound"];
      420: components["responses"]["MethodFailure"];
      500: components["responses"]["InternalServerError"];
    };
  };
}
