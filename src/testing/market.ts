/**
 * The Market itself: a function from a request to its answer, over the chats and what is left of the quotas.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes for the words it uses.
 */
import { STATUS_CODES } from "node:http";
import { endpoints } from "../generated/constants.js";
import type { ApiErrorResponse, GetChatResponse, GetChatsResponse } from "../generated/types.js";
import { findProblems, isChatsFilter } from "./filter.js";
import { findChat, type Listing, listPage } from "./listing.js";
import { countAnswer, describePeriod, isUsedUp, type Quota, quotaHeaders } from "./quota.js";
import { maxBodySize, type ReceivedRequest } from "./received.js";
import { type Operation, routeOf } from "./routes.js";

export interface Market {
  readonly businessId: number;
  readonly listing: Listing;
  readonly quotas: Readonly<Record<Operation, Quota>>;
  readonly parallelLimit: number;
}

/** A request at the moment of its answer. */
export interface Visit {
  readonly request: ReceivedRequest;
  /** Whether it found one of the places for parallel requests free. */
  readonly isAdmitted: boolean;
  /** Milliseconds by the server's clock. */
  readonly now: number;
}

/** What the Market has to say. */
export interface Reply {
  readonly status: number;
  readonly body: GetChatsResponse | GetChatResponse | ApiErrorResponse;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer as it goes out. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Counts a reply towards the quota and puts it into the form of the Market's answers. */
export function toAnswer(market: Market, visit: Visit, { status, body, headers }: Reply): Answer {
  return complete(market, visit, { status, body: JSON.stringify(body), headers: headers ?? {} });
}

/** Counts an answer towards the quota and adds the headers that every answer of the Market has. */
export function complete(market: Market, { request, now }: Visit, { status, headers, body }: Answer): Answer {
  // What lies elsewhere than the two operations has no quota.
  const quota = request.operation && market.quotas[request.operation];
  if (quota !== undefined) {
    countAnswer(quota, status, now);
  }
  const quotaState = quota === undefined ? {} : quotaHeaders(quota, now);
  return { status, headers: { "Content-Type": "application/json", ...quotaState, ...headers }, body };
}

/** A status in words. The Market has its own for 420. */
export function reasonOf(status: number): string {
  return status === 420 ? "Enhance Your Calm" : (STATUS_CODES[status] ?? "Unknown");
}

/** An error in the documented form. Without messages it has the status in words. */
export function refuse(status: number, ...messages: readonly string[]): Reply {
  // The Market's codes are the names of the statuses; to 420 it gives the older one.
  const code = status === 420 ? "METHOD_FAILURE" : reasonOf(status).toUpperCase().replace(/\W+/g, "_");
  const words = messages.length > 0 ? messages : [reasonOf(status)];
  return { status, body: { status: "ERROR", errors: words.map((message) => ({ code, message })) } };
}

/** Decides what a request gets. */
export function reply(market: Market, visit: Visit): Reply {
  const { request } = visit;
  const route = routeOf(request.path);
  if (route === undefined) {
    return refuse(404, `Resource not found: '${request.path}'`);
  }
  const { operation, businessId } = route;
  const { method } = endpoints[operation];
  if (request.method !== method) {
    return { ...refuse(405, `Request method '${request.method}' not supported`), headers: { Allow: method } };
  }
  if (request.key !== "right") {
    return refuse(401, request.key === "missing" ? "Credentials are not specified" : "Api-Key token is invalid");
  }
  if (!isId(businessId)) {
    return refuse(400, "Value of businessId must be an integer, greater than or equal to 1");
  }
  if (Number(businessId) !== market.businessId) {
    return refuse(403, "Access denied");
  }
  return findLimit(market, operation, visit) ?? operations[operation](market, request);
}

/** The refusal of a request that goes beyond one of the limits. */
function findLimit(market: Market, operation: Operation, { isAdmitted, now }: Visit): Reply | undefined {
  if (!isAdmitted) {
    return refuse(
      420,
      `Hit rate limit of ${market.parallelLimit} parallel requests for businessId ${market.businessId}`,
    );
  }
  const quota = market.quotas[operation];
  if (isUsedUp(quota, now)) {
    const { method, path } = endpoints[operation];
    const period = describePeriod(quota.period);
    return refuse(420, `Hit rate limit of ${quota.limit} requests per '${period}' for resource '${method} ${path}'`);
  }
  return undefined;
}

const operations: Record<Operation, (market: Market, request: ReceivedRequest) => Reply> = { getChats, getChat };

function getChats({ listing }: Market, request: ReceivedRequest): Reply {
  const { headers, body, bodySize, query } = request;
  const contentType = headers["content-type"];
  if (contentType === undefined) {
    return refuse(415, "Missing Content-Type");
  }
  if (!/^application\/json *(;|$)/i.test(contentType)) {
    return refuse(415, `Content type '${contentType}' not supported`);
  }
  if (bodySize > maxBodySize) {
    return refuse(400, `The request is too big: ${bodySize} bytes, the maximum is ${maxBodySize}`);
  }
  if (bodySize === 0) {
    return refuse(400, "Unexpected end of content");
  }
  if (!isChatsFilter(body)) {
    return refuse(400, ...findProblems(body));
  }
  const limit = query["limit"] ?? String(endpoints.getChats.limit.default);
  if (!/^\d{1,9}$/.test(limit) || Number(limit) < 1 || Number(limit) > endpoints.getChats.limit.maximum) {
    return refuse(400, `Value of limit must be an integer between 1 and ${endpoints.getChats.limit.maximum}`);
  }
  const result = listPage(listing, body, Number(limit), pageTokenOf(request));
  return result === undefined ? refuse(400, "Bad page token") : { status: 200, body: { status: "OK", result } };
}

/** The reference page calls it `page_token`; the Market's OpenAPI files, since 2026-02-19, also `pageToken`. */
export function pageTokenOf({ query }: ReceivedRequest): string | undefined {
  return query["page_token"] ?? query["pageToken"];
}

function getChat({ listing }: Market, { query }: ReceivedRequest): Reply {
  const chatId = query["chatId"];
  if (chatId === undefined) {
    return refuse(400, "Missing field chatId");
  }
  if (!isId(chatId)) {
    return refuse(400, "Value of chatId must be an integer, greater than or equal to 1");
  }
  const result = findChat(listing, Number(chatId));
  return result === undefined
    ? refuse(404, `Chat not found: '${chatId}'`)
    : { status: 200, body: { status: "OK", result } };
}

/** Whether a text is an int64 from 1 on. */
function isId(text: string): boolean {
  return /^\d{1,19}$/.test(text) && BigInt(text) >= 1n && BigInt(text) < 2n ** 63n;
}
