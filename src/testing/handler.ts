/** The API: from a request to its result, based on the chats and the remaining quotas. */
import { endpoints } from "../generated/constants.js";
import type { Chat, ChatsPage } from "../generated/types.js";
import { type ApiResult, errorResult, getResult, reject } from "./api-result.js";
import { checkFilter, compileFilter } from "./filter.js";
import { findItem, type Listing, listPage } from "./pagination.js";
import { describePeriod, getRemaining } from "./quota.js";
import { getPageToken, maxBodySize, type ReceivedRequest } from "./request-log.js";
import { matchRoute, type Operation } from "./routing.js";
import type { Market } from "./state.js";

/** A request at the time of its response. */
export interface RequestContext {
  readonly request: ReceivedRequest;
  /** Whether it is within the limit of concurrent requests. */
  readonly isWithinLimit: boolean;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
}

/** Each operation: from a request that has passed the general checks to the `result` of its response. */
const handlers = { getChats, getChat } satisfies Record<
  Operation,
  (market: Market, request: ReceivedRequest) => object
>;

/** Returns the result for a request. */
export function handleRequest(market: Market, context: RequestContext): ApiResult {
  const { request } = context;
  const route = matchRoute(request.path);
  if (route === undefined) {
    return errorResult(404, `Resource not found: '${request.path}'`);
  }
  const { method } = endpoints[route.operation];
  if (request.method !== method) {
    return { ...errorResult(405, `Request method '${request.method}' not supported`), headers: { Allow: method } };
  }
  return getResult(() => {
    checkAccess(market, request, route.businessId);
    checkLimits(market, context, route.operation);
    return handlers[route.operation](market, request);
  });
}

/** Rejects a request without the server's key. */
export function checkReceivedKey({ key }: ReceivedRequest): void {
  if (key !== "right") {
    reject(401, key === "missing" ? "Credentials are not specified" : "Api-Key token is invalid");
  }
}

function checkAccess(market: Market, request: ReceivedRequest, businessId: string): void {
  checkReceivedKey(request);
  if (readId("businessId", businessId) !== market.settings.businessId) {
    reject(403, "Access denied");
  }
}

function checkLimits({ settings, quotas }: Market, context: RequestContext, operation: Operation): void {
  const { parallelLimit, businessId } = settings;
  if (!context.isWithinLimit) {
    reject(420, `Hit rate limit of ${parallelLimit} parallel requests for businessId ${businessId}`);
  }
  const quota = quotas[operation];
  if (getRemaining(quota, context.now) === 0) {
    const { method, path } = endpoints[operation];
    const period = describePeriod(quota.period);
    reject(420, `Hit rate limit of ${quota.limit} requests per '${period}' for resource '${method} ${path}'`);
  }
}

function getChats({ chats }: Market, request: ReceivedRequest): ChatsPage {
  const filter = readJson(request);
  checkFilter(filter);
  const { items, nextPageToken } = readPage(chats, request, endpoints.getChats.limit, compileFilter(filter));
  return { chats: items, ...(nextPageToken !== undefined && { paging: { nextPageToken } }) };
}

function getChat({ chats }: Market, { query }: ReceivedRequest): Chat {
  const chatId = query["chatId"] ?? reject(400, "Missing field chatId");
  return findItem(chats, readId("chatId", chatId)) ?? reject(404, `Chat not found: '${chatId}'`);
}

/** Reads an int64 that is at least 1. */
function readId(name: string, text: string): number {
  const isId = /^\d{1,19}$/.test(text) && BigInt(text) >= 1n && BigInt(text) < 2n ** 63n;
  return isId ? Number(text) : reject(400, `Value of ${name} must be an integer, greater than or equal to 1`);
}

function readJson({ headers, body, bodySize }: ReceivedRequest): unknown {
  const contentType = headers["content-type"] ?? reject(415, "Missing Content-Type");
  if (!/^application\/json *(;|$)/i.test(contentType)) {
    reject(415, `Content type '${contentType}' not supported`);
  }
  if (bodySize > maxBodySize) {
    reject(400, `The request is too big: ${bodySize} bytes, the maximum is ${maxBodySize}`);
  }
  return bodySize === 0 ? reject(400, "Unexpected end of content") : body;
}

/** Returns the page that `limit` and the page token of a request refer to. */
function readPage<Item>(
  listing: Listing<Item>,
  request: ReceivedRequest,
  { minimum, maximum, default: defaultLimit }: { minimum: number; maximum: number; default: number },
  filter: { readonly filter: string; readonly matches: (item: Item) => boolean },
) {
  const text = request.query["limit"] ?? String(defaultLimit);
  const limit = Number(text);
  if (!/^\d{1,9}$/.test(text) || limit < minimum || limit > maximum) {
    reject(400, `Value of limit must be an integer between ${minimum} and ${maximum}`);
  }
  return listPage(listing, { ...filter, limit, pageToken: getPageToken(request) }) ?? reject(400, "Bad page token");
}
