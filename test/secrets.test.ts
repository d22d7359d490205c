/** No error, callback or inspected object contains the API key, and no other origin receives it. */
import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { type ApiError, type ApiKey, type ChatsClient, createChatsClient, ResponseError } from "../src/index.js";
import { startMarketServer } from "../src/testing/index.js";
import type { Respond } from "./support/fetch.js";
import { apiError, chat, createChat, createTestClient, delayed, json, page, text } from "./support/fetch.js";
import { collect, getError, getRejection, runTimers, useFakeClock } from "./support/promises.js";

const key = "ACMA:Tt9x/5+%40=q$&:151c0664";

useFakeClock();

/** Everything that a log could show of a value. */
function getText(value: unknown): string {
  const options = { showHidden: true, depth: Infinity, maxArrayLength: null, maxStringLength: null, compact: true };
  const texts = [
    inspect(value, { ...options, breakLength: Infinity, getters: true }),
    inspect(value, { ...options, breakLength: Infinity, customInspect: false, showProxy: true }),
    JSON.stringify(value) ?? "",
  ];
  if (value instanceof Error) texts.push(value.name, value.message, value.stack ?? "", getText(value.cause));
  return texts.join("\n");
}

/** `inspect` escapes strings once more. */
function expectNoKey(value: unknown): void {
  const content = getText(value);
  for (const form of [key, inspect(key).slice(1, -1), key.slice(5, 20)]) expect(content).not.toContain(form);
}

const params = { path: { businessId: 123456 }, query: { chatId: 1 } };
const calls: ((market: ChatsClient) => Promise<unknown>)[] = [
  (market) => market.getChat(1),
  (market) => market.getChats({}, { pageToken: "B" }),
  (market) => collect(market.listChats()),
  ({ api }) => api.GET("/v2/businesses/{businessId}/chat", { params }),
];

/** Returns the outcomes of all calls, and what `onAttempt` was called with. */
async function run(responses: Respond[], createApiKey: () => ApiKey = () => key): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const call of calls) {
    const { market, attempts } = createTestClient(responses, { apiKey: createApiKey(), maxRetries: 1 });
    const result = await runTimers(call(market)).catch((error: unknown) => error);
    const { error } = result as { error?: unknown };
    outcomes.push(error ?? result, attempts, market, market.api, market.listChats(), market.listChats().pages());
  }
  return outcomes;
}

describe("an API key in a response", () => {
  it.each<[string, Respond]>([
    ["a message", apiError(400, `Invalid ${key}, or ${key}`)],
    ["an error that escapes it", text(`{"error":"${key.replaceAll("=", "\\u003d")}"}`, { status: 400 })],
    ["a code", json({ errors: [{ code: key }] }, { status: 500 })],
    ["a traceparent", apiError(404, "", { traceparent: key })],
    ["an error that is not JSON", text(`<p>${key}`, { status: 403 })],
    ["a Content-Type", text("<p>", { headers: { "Content-Type": `text/${key}` } })],
    ["a page that is not JSON", text(`<p>${" ".repeat(190)}${key}`)],
  ])("is redacted: %s", async (_, respond) => {
    (await run([respond])).forEach(expectNoKey);
  });

  it("is not redacted in the data of a successful response", async () => {
    const { market } = createTestClient([json({ result: { ...createChat(1), echo: key } })], { apiKey: key });
    expect(await market.getChat(1)).toMatchObject({ echo: key });
    const { data } = await market.api.GET("/v2/businesses/{businessId}/chat", { params });
    expect(data).toMatchObject({ result: { echo: key } });
  });

  it.each([
    [7, "abcdefg is revoked"],
    [8, "[Api-Key] is revoked"],
  ])("is redacted only if it is long enough to be no ordinary word: %i characters", async (length, expected) => {
    const apiKey = "abcdefgh".slice(0, length);
    const { market } = createTestClient([apiError(401, `${apiKey} is revoked`)], { apiKey });
    expect(((await getRejection(market.getChat(1))) as ApiError).errors[0]?.message).toBe(expected);
  });

  it("is redacted if it was replaced meanwhile", async () => {
    const keys = [key, "another-key", "another-key", "another-key"];
    const responses = [delayed(100, apiError(404, `${key} another-key`)), chat()];
    const { market } = createTestClient(responses, { apiKey: () => keys.shift() ?? "" });
    const failing = getRejection(market.getChat(1));
    for (const id of [2, 3, 4]) await market.getChat(id);
    expect(((await runTimers(failing)) as ApiError).errors[0]?.message).toBe("[Api-Key] [Api-Key]");
  });
});

describe("an API key in an exception", () => {
  const errors: unknown[] = [
    key,
    new Error(`invalid header: ${key}`),
    Object.assign(new Error("failed"), { code: key, name: key, request: { headers: { "Api-Key": key } } }),
    new Error("failed", { cause: new Error(key, { cause: key }) }),
    new Error("failed", { cause: { message: key, headers: [key] } }),
    new AggregateError([new Error(key)], key),
    { message: key, toString: () => key },
    Object.assign(Object.create({ message: key }) as object, { [key]: 1 }),
  ];

  it("of fetch is not in the error", async () => {
    for (const thrown of errors) (await run([() => Promise.reject(thrown as Error)])).forEach(expectNoKey);
  });

  it("of a function that has returned the key before is not in the error", async () => {
    for (const thrown of errors) {
      const createApiKey = () => vi.fn<() => Promise<string>>().mockRejectedValue(thrown).mockResolvedValueOnce(key);
      (await run([apiError(503)], createApiKey)).forEach(expectNoKey);
    }
  });

  it("that a function returns in an invalid form is not in the error", async () => {
    (await run([chat()], () => () => `${key}\n`)).forEach(expectNoKey);
  });
});

it("neither the client nor its results and attempts show the API key", async () => {
  for (const respond of [chat(), page([1])]) (await run([respond])).forEach(expectNoKey);
});

describe("another origin", () => {
  it.each([301, 302, 303, 307, 308] as const)("receives no request after a redirect with status %i", async (status) => {
    vi.useRealTimers();
    await using server = await startMarketServer();
    await using other = await startMarketServer();
    const market = createChatsClient(server);
    for (const call of calls) {
      server.queueFault({ kind: "redirect", status, location: `${other.baseUrl}/v2/businesses/123456/chats` });
      expect(await getError(call(market), ResponseError)).toMatchObject({ status, attempts: 1 });
    }
    expect(server.requests.map(({ key: received }) => received)).toEqual(calls.map(() => "right"));
    expect(other.requests).toEqual([]);
  });

  it.each(["@example.com/", ".example.com/"])("receives no request for the low-level path %j", async (path) => {
    const { market, requests } = createTestClient([chat()], { apiKey: key });
    const get = market.api.GET as (path: string, init: object) => Promise<unknown>;
    await getError(get(path, {}), TypeError);
    expect(requests).toEqual([]);
  });
});
