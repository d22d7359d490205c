/** Faults over real HTTP, with the `fetch` of Node.js. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CallOptions, createChatsClient, ConnectionError, type MarketError, TimeoutError } from "../src/index.js";
import { type Fault, type MarketServer, startMarketServer } from "../src/testing/index.js";
import { apiKey, businessId, createChat } from "./support/fetch.js";
import { collect, failOnUnhandledRejection, getCodes, getError } from "./support/promises.js";

failOnUnhandledRejection();

let server: MarketServer;

beforeEach(async () => {
  server = await startMarketServer({ chats: [1, 2, 3].map(createChat) });
});

afterEach(() => server.close());

const notGzip: Fault = { kind: "body", body: "plain text", headers: { "Content-Encoding": "gzip" } };
const closed = /^(ECONNRESET|UND_ERR_SOCKET)$/;

describe("a call", () => {
  it.each<[string, Fault, type: new (...args: never[]) => MarketError, code?: RegExp]>([
    ["the connection is closed before the response", { kind: "cut", where: "before" }, ConnectionError, closed],
    ["the connection is closed in the head", { kind: "cut", where: "head" }, ConnectionError, closed],
    ["the connection is closed in the body", { kind: "cut", where: "body" }, ConnectionError, closed],
    ["the response is delayed", { kind: "delay", milliseconds: 600_000 }, TimeoutError],
    ["the body is delayed", { kind: "delay", where: "body", milliseconds: 600_000 }, TimeoutError],
    ["the body is not compressed as declared", notGzip, ConnectionError, /^Z_DATA_ERROR$/],
    ["a proxy requires authentication", { kind: "status", status: 407 }, ConnectionError],
  ])("rejects, and the next one succeeds, if %s", async (_, fault, type, code) => {
    const market = createChatsClient({ ...server, maxRetries: 0, concurrency: 1 });
    const operations = [
      (options?: CallOptions) => market.getChat(2, options),
      (options?: CallOptions) => market.getChats({}, options),
      (options?: CallOptions) => collect(market.listChats({}, { ...options, prefetch: true })),
    ];
    for (const operation of operations) {
      server.queueFault(fault);
      const error = await getError(operation(type === TimeoutError ? { timeout: 100 } : {}), type);
      expect(error.attempts).toBe(1);
      if (code) expect(getCodes(error)).toContainEqual(expect.stringMatching(code));
      await operation();
    }
    expect(server.requests).toHaveLength(2 * operations.length);
  });

  it("aborts the request on the server when the signal aborts", async () => {
    const controller = new AbortController();
    const when = () => setImmediate(() => controller.abort("enough")) !== undefined;
    server.queueFault({ kind: "delay", milliseconds: 600_000 }, { when });
    const market = createChatsClient(server);
    await expect(market.getChat(1, { signal: controller.signal })).rejects.toBe("enough");
    await vi.waitFor(() => expect(server.requests[0]?.outcome).toBe("abandoned"));
  });
});

it("a server that cannot be reached leads to a ConnectionError with the code of the system", async () => {
  await server.close();
  const refused = createChatsClient({ ...server, maxRetries: 0 });
  expect(getCodes(await getError(refused.getChat(1), ConnectionError))).toEqual(["ECONNREFUSED"]);
  const unknown = createChatsClient({ apiKey, businessId, baseUrl: "https://no-such-host.invalid", maxRetries: 0 });
  const codes = getCodes(await getError(unknown.getChat(1), ConnectionError));
  expect(codes).toEqual([expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/)]);
});
