// Compiled from openapi/chats.yaml by `npm run generate`. Not to be edited by hand.

/**
 * Which chats to return. Every list is optional, and the lists narrow each other down: a chat is returned if it
 * fits all of them.
 */
export interface ChatsFilter {
  /** Only chats that were started for these orders or returns. At least one, if given. */
  contexts?: readonly ChatContextFilter[];
  /** Only chats about these, orders or returns, or that the customer started. At least one, if given. */
  contextTypes?: readonly ChatContextType[];
  /**
   * Only chats about these orders. At least one ID, if given.
   *
   * @deprecated use `contexts`. The Market has announced the end of it for 2026-10-19.
   */
  orderIds?: readonly number[];
  /** Only chats with one of these statuses. At least one, if given. */
  statuses?: readonly ChatStatus[];
  /** Only chats of one of these types. At least one, if given. */
  types?: readonly ChatType[];
}

/** An order or a return for which a chat was started. */
export interface ChatContextFilter {
  /** The order or return ID. */
  id: number;
  /**
   * What the chat is about, where that has an ID:
   *
   * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
   * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
   */
  type: ChatContextFilterType;
}

/** The answer to `getChats`. */
export interface GetChatsResponse {
  /** A page of the list of chats. */
  result?: ChatsPage;
  /**
   * The type of response:
   *
   * * `OK` — there are no mistakes.
   * * `ERROR` — an error occurred while processing the request.
   */
  status?: ApiResponseStatus;
}

/** The answer to `getChat`. */
export interface GetChatResponse {
  /** Information about a chat with a customer. */
  result?: Chat;
  /**
   * The type of response:
   *
   * * `OK` — there are no mistakes.
   * * `ERROR` — an error occurred while processing the request.
   */
  status?: ApiResponseStatus;
}

/** A page of the list of chats. */
export interface ChatsPage {
  /** Information about the chats of this page. An empty page is not necessarily the last one. */
  chats: Chat[];
  /** Where the next page is. Absent on the last page. */
  paging?: ChatsPaging;
}

/** Where the next page is. Absent on the last page. */
export interface ChatsPaging {
  /** ID of the next results page, to be passed on as it is. Absent on the last page. */
  nextPageToken?: string;
}

/** Information about a chat with a customer. */
export interface Chat {
  /** The chat ID. */
  chatId: number;
  /** The order or return for which the chat was started. */
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
   * Chat status, that is whose turn it is:
   *
   * * `NEW` — new chat.
   * * `WAITING_FOR_CUSTOMER` — the customer's answer is needed.
   * * `WAITING_FOR_PARTNER` — the store's answer is needed.
   * * `WAITING_FOR_ARBITER` — the arbiter's answer is needed.
   * * `WAITING_FOR_MARKET` — the Market's answer is needed.
   * * `FINISHED` — the chat is over.
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

/** The order or return for which the chat was started. */
export interface ChatContext {
  /**
   * The campaign ID: which of the cabinet's stores the order or return belongs to. Returned for orders and
   * returns.
   */
  campaignId?: number;
  /** The customer in the chat. */
  customer?: ChatCustomer;
  /** The order ID. Returned for orders and returns. */
  orderId?: number;
  /** The return ID. Returned only for returns. */
  returnId?: number;
  /**
   * What the chat is about:
   *
   * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
   * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
   * * `DIRECT` — the customer started the chat. [Messages from customers](https://yandex.ru/support/marketplace/ru/orders/communication/with-users)
   */
  type: ChatContextType;
}

/** The customer in the chat. */
export interface ChatCustomer {
  /** The customer's public name in Yandex ID, as shown in Yandex services. */
  name?: string;
  /**
   * The customer's public ID in Yandex ID, as in `https://market.yandex.ru/user/{publicId}/reviews`.
   * [Public data in Yandex ID](https://yandex.ru/support/id/ru/data/public-data)
   */
  publicId?: string;
}

/**
 * What the chat is about:
 *
 * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 * * `DIRECT` — the customer started the chat. [Messages from customers](https://yandex.ru/support/marketplace/ru/orders/communication/with-users)
 */
export type ChatContextType = "ORDER" | "RETURN" | "DIRECT";

/**
 * What the chat is about, where that has an ID:
 *
 * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
 */
export type ChatContextFilterType = "ORDER" | "RETURN";

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
export type ChatStatus =
  "NEW" | "WAITING_FOR_CUSTOMER" | "WAITING_FOR_PARTNER" | "WAITING_FOR_ARBITER" | "WAITING_FOR_MARKET" | "FINISHED";

/**
 * Chat type:
 *
 * * `CHAT` — chat with the customer.
 * * `ARBITRAGE` — dispute.
 */
export type ChatType = "CHAT" | "ARBITRAGE";

/** The answer when something went wrong. */
export interface ApiErrorResponse {
  /**
   * A list of errors. May be absent.
   *
   * `null` where the Market has nothing to say.
   */
  errors?: ApiErrorDetail[] | null;
  /**
   * The type of response:
   *
   * * `OK` — there are no mistakes.
   * * `ERROR` — an error occurred while processing the request.
   */
  status?: ApiResponseStatus;
}

/** One error, in the Market's own words. */
export interface ApiErrorDetail {
  /** The error code. */
  code: string;
  /** Description of the error. */
  message?: string;
}

/**
 * The type of response:
 *
 * * `OK` — there are no mistakes.
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
     * Returns chats with customers, page by page.
     *
     * Needs an API key with one of the scopes `communication`, `all-methods` or `all-methods:read-only`.
     *
     * The reference page grants 10,000 requests an hour. The quota in force comes with every answer, in the
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
     * Needs an API key with one of the scopes `communication`, `all-methods` or `all-methods:read-only`.
     *
     * The reference page grants 1,000 requests an hour. The quota in force comes with every answer, in the
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
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /**
     * Which chats to return. Every list is optional, and the lists narrow each other down: a chat is returned if it
     * fits all of them.
     */
    GetChatsRequest: ChatsFilter;
    /** An order or a return for which a chat was started. */
    ChatContextDTO: ChatContextFilter;
    /** The answer to `getChats`. */
    GetChatsResponse: GetChatsResponse;
    /** The answer to `getChat`. */
    GetChatResponse: GetChatResponse;
    /** A page of the list of chats. */
    GetChatsInfoDTO: ChatsPage;
    /** Where the next page is. Absent on the last page. */
    ForwardScrollingPagerDTO: ChatsPaging;
    /** Information about a chat with a customer. */
    GetChatInfoDTO: Chat;
    /** The order or return for which the chat was started. */
    ChatFullContextDTO: ChatContext;
    /** The customer in the chat. */
    ChatCustomerDTO: ChatCustomer;
    /**
     * What the chat is about:
     *
     * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
     * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
     * * `DIRECT` — the customer started the chat. [Messages from customers](https://yandex.ru/support/marketplace/ru/orders/communication/with-users)
     */
    ChatContextType: ChatContextType;
    /**
     * What the chat is about, where that has an ID:
     *
     * * `ORDER` — an order. [Chats about orders](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
     * * `RETURN` — a return (FBY, FBS and Express). [Chats about returns](https://yandex.ru/support/marketplace/ru/orders/communication/about-orders)
     */
    ChatContextIdentifiableType: ChatContextFilterType;
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
    ChatStatusType: ChatStatus;
    /**
     * Chat type:
     *
     * * `CHAT` — chat with the customer.
     * * `ARBITRAGE` — dispute.
     */
    ChatType: ChatType;
    /** The answer when something went wrong. */
    ApiErrorResponse: ApiErrorResponse;
    /** One error, in the Market's own words. */
    ApiErrorDTO: ApiErrorDetail;
    /**
     * The type of response:
     *
     * * `OK` — there are no mistakes.
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
     * The resource access limit has been exceeded: the quota of the operation, or the number of parallel requests.
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
     * Cabinet ID. To find it out, use the request
     * [GET v2/campaigns](https://yandex.ru/dev/market/partner-api/doc/en/reference/campaigns/getCampaigns).
     *
     * [What is a cabinet and a store on the Market?](https://yandex.ru/support/marketplace/account/introduction.html)
     */
    BusinessId: number;
    /**
     * The number of chats per page, from 1 to 20. If it is sent with the first request, it must be sent with every
     * following one.
     *
     * The reference page says in prose: "Do not pass a value greater than 20". Added upstream on 2026-02-19: the
     * maximum as such, and the server's default of 10.
     *
     * @example 20
     */
    Limit: number;
    /**
     * ID of the results page: the `nextPageToken` received with the previous page, as it came. Without it the first
     * page is returned.
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
     * Requests allowed to this operation in the current period.
     * From the [limits page](https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits); sent with errors too.
     */
    RateLimitResourceLimit: number;
    /**
     * Requests left to this operation in the current period.
     * From the [limits page](https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits); sent with errors too.
     */
    RateLimitResourceRemaining: number;
    /**
     * When the current period ends, as an HTTP date by the Market's clock.
     * From the [limits page](https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits); sent with errors too.
     * The weekday may be wrong, as it is in the Market's own example.
     */
    RateLimitResourceUntil: string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getChats: {
    parameters: {
      query?: {
        /**
         * The number of chats per page, from 1 to 20. If it is sent with the first request, it must be sent with every
         * following one.
         *
         * The reference page says in prose: "Do not pass a value greater than 20". Added upstream on 2026-02-19: the
         * maximum as such, and the server's default of 10.
         *
         * @example 20
         */
        limit?: components["parameters"]["Limit"];
        /**
         * ID of the results page: the `nextPageToken` received with the previous page, as it came. Without it the first
         * page is returned.
         *
         * If `page_token` is set and the request has the parameters `page` and `pageSize`, they are ignored.
         *
         * @example eyBuZXh0SWQ6IDIzNDIgfQ==
         */
        page_token?: components["parameters"]["PageToken"];
      };
      header?: never;
      path: {
        /**
         * Cabinet ID. To find it out, use the request
         * [GET v2/campaigns](https://yandex.ru/dev/market/partner-api/doc/en/reference/campaigns/getCampaigns).
         *
         * [What is a cabinet and a store on the Market?](https://yandex.ru/support/marketplace/account/introduction.html)
         */
        businessId: components["parameters"]["BusinessId"];
      };
      cookie?: never;
    };
    /** Filters. An empty object asks for every chat. */
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
         * Cabinet ID. To find it out, use the request
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
