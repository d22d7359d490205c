const { createChatsClient, TimeoutError } = require("yandex-market-chats");
const { startMarketServer } = require("yandex-market-chats/testing");
const { readChats } = require("./read-chats");

let server;
beforeEach(async () => (server = await startMarketServer({ chats: 42 })));
afterEach(() => server.close());

test("the client works with the option fetch", async () => {
  expect(await readChats({ ...server, fetch: nodeFetch })).toBe(42);
});

test("a call can be aborted, and has a timeout", async () => {
  const market = createChatsClient({ ...server, fetch: nodeFetch, maxRetries: 0 });
  server.queueFault({ kind: "delay", milliseconds: 10_000 }, { times: 2 });
  await expect(market.getChats({}, { timeout: 50 })).rejects.toBeInstanceOf(TimeoutError);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await expect(market.getChats({}, { signal: controller.signal })).rejects.toMatchObject({ name: "AbortError" });
});

test("without a fetch, the error says what is missing", async () => {
  const call = createChatsClient(server).getChats();
  await expect(call).rejects.toThrow("there is no global fetch: set the option fetch");
});
