/** The API: from a request to its response, based on the chats and the remaining quotas. */
import { endpoints } from "../generated/constants.js";
import type { Chat, ChatsPage } from "../generated/types.js";
import { compileFilter } from "./filter.js";
import { getPageToken, maxBodySize, type ReceivedRequest } from "./request-log.js";
import { type ApiResponse, createApiResponse, reject } from "./responses.js";
import { matchRoute, type Operation } from "./routing.js";
import type { ServerState } from "./state.js";

/** Each returns the `result` of the response to a request that has passed the checks of all operations. */
const handlers: Record<Operation, (state: ServerState, request: ReceivedRequest) => object> = { getChats, getChat };

/** @param now - Milliseconds since the epoch, by the server's clock. */
export function handleRequest(state: ServerState, request: ReceivedRequest, now: number): ApiResponse {
  return createApiResponse(() => {
    const { path, method } = request;
    const { operation, businessId } = matchRoute(path) ?? reject(404, `Resource not found: '${path}'`);
    const { method: allowed } = endpoints[operation];
    if (method !== allowed) reject(405, `Request method '${method}' not supported`, { Allow: allowed });
    checkReceivedKey(request);
    if (readId("businessId", businessId) !== state.settings.businessId) reject(403, "Access denied");
    checkLimits(state, request, operation, now);
    return handlers[operation](state, request);
  });
}

/** Rejects a request without the server's key. */
export function checkReceivedKey({ key }: ReceivedRequest): void {
  if (key !== "right") reject(401, key === "missing" ? "Credentials are not specified" : "Api-Key token is invalid");
}

function checkLimits(state: ServerState, request: ReceivedRequest, operation: Operation, now: number): void {
  const { parallelLimit, businessId } = state.settings;
  if (!state.inFlight.get(request)) {
    reject(420, `Hit rate limit of ${parallelLimit} parallel requests for businessId ${businessId}`);
  }
  const { method, path } = endpoints[operation];
  const { limit, getRemaining, description } = state.quotas[operation];
  if (getRemaining(now) > 0) return;
  reject(420, `Hit rate limit of ${limit} requests per '${description}' for resource '${method} ${path}'`);
}

function getChats({ paginator }: ServerState, request: ReceivedRequest): ChatsPage {
  const filter = compileFilter(readJson(request));
  const limit = readLimit(request, endpoints.getChats.limit);
  const pageToken = getPageToken(request);
  const page = paginator.listPage({ ...filter, limit, pageToken }) ?? reject(400, "Bad page token");
  const nextPageToken = request.fault === "repeatToken" ? pageToken : page.nextPageToken;
  return { chats: page.items, ...(nextPageToken !== undefined && { paging: { nextPageToken } }) };
}

function getChat({ settings }: ServerState, { query }: ReceivedRequest): Chat {
  const text = query["chatId"] ?? reject(400, "Missing field chatId");
  const id = readId("chatId", text);
  return settings.chats.find(({ chatId }) => chatId === id) ?? reject(404, `Chat not found: '${text}'`);
}

/** Reads an int64 that is at least 1. */
function readId(name: string, text: string): number {
  const isId = /^\d{1,19}$/.test(text) && BigInt(text) >= 1n && BigInt(text) < 2n ** 63n;
  return isId ? Number(text) : reject(400, `Value of ${name} must be an integer, greater than or equal to 1`);
}

function readJson({ headers, body, bodySize }: ReceivedRequest): unknown {
  const contentType = headers["content-type"] ?? reject(415, "Missing Content-Type");
  if (!/^application\/json *(;|$)/i.test(contentType)) reject(415, `Content type '${contentType}' not supported`);
  if (bodySize > maxBodySize) reject(400, `The request is too big: ${bodySize} bytes, the maximum is ${maxBodySize}`);
  return bodySize === 0 ? reject(400, "Unexpected end of content") : body;
}

function readLimit({ query }: ReceivedRequest, range: { minimum: number; maximum: number; default: number }): number {
  const text = query["limit"] ?? String(range.default);
  const limit = Number(text);
  if (/^\d{1,9}$/.test(text) && limit >= range.minimum && limit <= range.maximum) return limit;
  return reject(400, `Value of limit must be an integer between ${range.minimum} and ${range.maximum}`);
}
