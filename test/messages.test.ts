/** The wording of all messages. Other tests compare errors by class and fields. */
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import type { ChatsClient, ChatsFilter } from "../src/index.js";
import type { Respond } from "./support/fetch.js";
import { apiError, connectionReset, createTestClient, json, noResponse, quotaHeaders, text } from "./support/fetch.js";
import { collect, getRejection, runTimers, useFakeClock } from "./support/promises.js";

useFakeClock();

const accessAdvice =
  "belongs to this businessId (a cabinet, not a campaign), and has one of the scopes communication, all-methods, or " +
  "all-methods:read-only to read";

const params = { path: { businessId: 1 }, query: { chatId: 1 } };
const getLowLevel =
  (init = {}) =>
  ({ api }: ChatsClient) =>
    api.GET("/v2/businesses/{businessId}/chat", { params, ...init });

type Row = [message: string, responses: Respond[], call?: (market: ChatsClient) => Promise<unknown>];

const once = (market: ChatsClient) => market.getChat(1, { maxRetries: 0, timeout: 70 });
const withRetry = (market: ChatsClient) => market.getChat(1, { maxRetries: 1 });
const getPage = (market: ChatsClient) => market.getChats();
const list = (market: ChatsClient) => collect(market.listChats());
const twice = async (market: ChatsClient) => {
  await market.getChat(1).catch(() => undefined);
  await market.getChat(1);
};
const apiErrors = (code: string, message: string) => json({ errors: [{ code, message }] }, { status: 400 });
const headers = { "Content-Type": "text/html" };
const forbidden = { status: 403, headers };
const throwing = (thrown: unknown) => () => Promise.reject(thrown as Error);
const refused = new AggregateError([new Error("ECONNREFUSED ::1:9"), new Error("ECONNREFUSED 127.0.0.1:9")]);
const unreadable = new Proxy({}, { get: () => Promise.reject.call(undefined) });
const rateLimited = "Hit rate limit of 1000 requests per '1 hours'";
const exhausted: Respond = (request) => apiError(420, rateLimited, quotaHeaders({ resetsIn: 3_600_000 }))(request);
const redirected = "redirects are not followed, because they would expose the key";
const inBrowser = { type: "opaqueredirect", status: 0, headers: new Headers(), text: async () => "" };
const rounded = text('{"result":{"chatId":9007199254740993}}');
const tooLarge = text("x".repeat(10_000_001), { status: 403 });
const notSent = "request not sent: the quota is exhausted and does not reset within maxRateLimitWait";
const page = (nextPageToken: unknown) => json({ result: { chats: [], paging: { nextPageToken } } });

/** The part of the message after the name of the operation. */
const unexpected = (
  problem: string,
  ...row: [responses: Respond[], call?: (market: ChatsClient) => Promise<unknown>]
): Row => [`${row[1] === undefined ? "getChat" : "getChats"}: unexpected response (HTTP 200): ${problem}`, ...row];

it.each<Row>([
  ["getChat: HTTP 404: CODE: Chat not found", [apiError(404, "Chat not found")]],
  ["getChat: HTTP 404: the body is empty", [text("", { status: 404 })]],
  ["getChat: HTTP 401: 16: No key", [json({ error: { code: 16, message: "No key" } }, { status: 401 })]],
  [`getChat: HTTP 400: A: line break ${"x".repeat(986)}`, [apiErrors("A", `line\r\n\u001b break ${"x".repeat(2000)}`)]],
  [
    "getChat: HTTP 403: the body is not JSON (text/html): Forbidden Ask your administrator",
    [text(`<title>Forbidden</title><style>p{}</style>\n<p>Ask\t<b>your\u001b</b> administrator`, forbidden)],
  ],
  [`getChat: HTTP 403: the body is not JSON (text/html): ${"x".repeat(200)}`, [text("x".repeat(1e6), forbidden)]],
  ["getChat: HTTP 403: the body is not JSON (text/html)", [text("<p></p>", forbidden)]],
  [
    'getChat: HTTP 403: the body is not in the documented format (application/json): {"message":"Denied"}',
    [json({ message: "Denied" }, { status: 403 })],
  ],
  [
    "getChat: HTTP 400: A: First; B; Third",
    [json({ errors: [{ code: "A", message: "First" }, { code: "B" }, { message: "Third" }] }, { status: 400 })],
  ],
  [`getChat: HTTP 401: CODE: Invalid; check that the key is not revoked, ${accessAdvice}`, [apiError(401, "Invalid")]],
  [`getChat: HTTP 403: CODE; check that the key ${accessAdvice}`, [apiError(403)]],
  ["getChat: HTTP 503: CODE (after 3 attempts)", [apiError(503)]],
  ["getChat: unexpected response (HTTP 200): the body is empty", [text("")], getLowLevel()],
  [`getChat: HTTP 420: CODE: ${rateLimited}; retry after 2026-06-01T13:00:00.000Z`, [exhausted]],
  [`getChat: ${notSent}; retry after 2026-06-01T13:00:00.000Z`, [exhausted], twice],
  ["getChat: no complete response: fetch failed: read ECONNRESET (after 2 attempts)", [connectionReset], withRetry],
  ["getChat: no complete response: EPIPE", [throwing(Object.assign(new Error(), { code: "EPIPE" }))], once],
  ["getChat: no complete response: a thrown undefined", [throwing(undefined)], once],
  ["getChat: no complete response: offline", [throwing("offline")], once],
  ["getChat: no complete response: RangeError", [throwing(new RangeError())], once],
  ["getChat: no complete response: an error that cannot be read", [throwing(unreadable)], once],
  ["getChat: no complete response within 70 ms", [noResponse], once],
  [`getChat: unexpected response (HTTP 302): ${redirected}`, [text("", { status: 302 })]],
  [`getChat: unexpected response (HTTP 0): ${redirected}`, [() => inBrowser as Response]],
  ["getChat: unexpected response (HTTP 304): the API documents no such status", [text("", { status: 304 })]],
  unexpected("the body is not JSON (text/html): Robot check", [text("<title>Robot check</title>", { headers })]),
  unexpected("the body is not JSON (no Content-Type): oops", [() => new Response(new TextEncoder().encode("oops"))]),
  ["getChat: unexpected response (HTTP 403): the body is larger than 10 MB", [tooLarge]],
  ["getChat: no complete response: the connection was closed within the body", [text('{"result":')], once],
  [
    "getChat: no complete response: fetch failed: ECONNREFUSED ::1:9, ECONNREFUSED 127.0.0.1:9",
    [throwing(new TypeError("fetch failed", { cause: refused }))],
    once,
  ],
  unexpected("chatId is an integer above 2^53 - 1, which JavaScript rounds", [rounded]),
  unexpected('missing "result"', [json({})]),
  unexpected('"result" is not a chat', [json({ result: { chatId: "42" } })]),
  unexpected('"result" contains no array of objects', [json({ result: {} })], getPage),
  unexpected('"result" contains no array of objects', [json({ result: { chats: [null] } })], getPage),
  unexpected('"paging.nextPageToken" cannot be sent back', [page(5)], getPage),
  unexpected('"paging.nextPageToken" repeats an earlier one: infinite loop stopped', [page("B")], list),
  [
    "baseUrl must stay at https://api.partner.market.yandex.ru for a call: the key is sent to no other origin",
    [],
    getLowLevel({ baseUrl: "https://example.com" }),
  ],
  ["Request must not be set for a call: use options.fetch", [], getLowLevel({ Request })],
])("%s", async (message, responses, call = (market) => market.getChat(1)) => {
  const { market } = createTestClient(responses);
  const error = (await getRejection(runTimers(call(market)))) as Error;
  expect(error.message).toBe(message);
  expect(String(error)).toBe(`${error.name}: ${message}`);
});

const forbiddenInKeys = "spaces, quotation marks and backslashes";
const secureUrl = "baseUrl must be an https URL, or an http URL on localhost";
const integer = "must be an integer from 1 to 9007199254740991, not";

it.each<[message: string, options: object]>([
  ["apiKey must be the key from the cabinet, or a function that returns it, not undefined", { apiKey: undefined }],
  [`apiKey must be visible ASCII characters without ${forbiddenInKeys}, not this string`, { apiKey: "a b" }],
  [`businessId ${integer} NaN: is the environment variable set?`, { businessId: NaN }],
  [`businessId ${integer} undefined`, { businessId: undefined }],
  [
    "businessId must be an integer from 1 to 9007199254740991 (convert it with Number()), not this string",
    { businessId: "123456" },
  ],
  [`businessId ${integer} 0`, { businessId: 0 }],
  [
    "businessId must be an integer from 1 to 9007199254740991 (convert it with Number()), not a BigInt",
    { businessId: 5n },
  ],
  [`${secureUrl}, without credentials, query and fragment, not an empty string`, { baseUrl: "" }],
  [`${secureUrl} (allowHttp permits other hosts), not this string`, { baseUrl: "http://example.com" }],
  [
    'integration must be 1 to 100 ASCII characters, such as "my-helpdesk/1.4.0", not an empty string',
    { integration: "" },
  ],
  ["timeout must be an integer from 1 to 2147483647, not [object Object]", { timeout: Object.create(null) }],
  ["allowHttp must be true or false, not null", { allowHttp: null }],
  ["onAttempt must be a function, not true", { onAttempt: true }],
  ["fetch must be a function, not 5", { fetch: 5 }],
])("%s", (message, options) => {
  expect(() => createTestClient([], options)).toThrow(expect.objectContaining({ message }) as Error);
});

it.each<[message: string, filter: object | undefined, options?: object]>([
  ["filter must be an object, not [object Promise]", Promise.resolve({})],
  ["filter must be an object, not an array", ["NEW"]],
  ["filter.status is unknown; known are contexts, contextTypes, orderIds, statuses, types", { status: ["NEW"] }],
  [
    "a property of filter is unknown; known are contexts, contextTypes, orderIds, statuses, types",
    { "not a name": [] },
  ],
  ["filter.statuses must be an array, not this string", { statuses: "NEW" }],
  ["filter.statuses must be a non-empty array (omit it to match all), not an empty array", { statuses: [] }],
  ["filter.statuses[1] must be a non-empty string, not undefined", { statuses: ["NEW", undefined] }],
  [`filter.orderIds[0] ${integer} 1.5`, { orderIds: [1.5] }],
  ["filter.contexts[0].type must be a non-empty string, not undefined", { contexts: [{ id: 1 }] }],
  ["filter.contexts[0].tpye is unknown; known are id, type", { contexts: [{ id: 1, tpye: "ORDER" }] }],
  ["options must be an object, not [object AbortSignal]", {}, new AbortController().signal],
  ["options.limits is unknown; known are limit, maxRetries, pageToken, prefetch, signal, timeout", {}, { limits: 5 }],
  [`limit ${integer} 0`, {}, { limit: 0 }],
  [
    "pageToken must be a token that the API has returned (omit it for the first page), not null",
    {},
    { pageToken: null },
  ],
  ["prefetch must be true or false, not 1", {}, { prefetch: 1 }],
  ["signal must be an AbortSignal, not [object AbortController]", {}, { signal: new AbortController() }],
  ["maxRetries must be an integer from 0 to 9007199254740991, not -1", {}, { maxRetries: -1 }],
])("%s", (message, filter, options) => {
  const { market } = createTestClient([]);
  expect(() => market.listChats(filter as ChatsFilter, options)).toThrow(expect.objectContaining({ message }) as Error);
});

it.each<[message: string, getKey: () => string]>([
  ["vault is sealed: no quorum", () => runInNewContext(`throw new Error("vault is sealed", { cause: "no quorum" })`)],
  ["apiKey must be the key from the cabinet, or a function that returns it, not an empty string", () => ""],
])("getChat: the apiKey function failed: %s", async (message, getKey) => {
  const { market } = createTestClient([], { apiKey: getKey });
  const error = (await getRejection(market.getChat(1))) as Error;
  expect(error.message).toBe(`getChat: the apiKey function failed: ${message}`);
});
