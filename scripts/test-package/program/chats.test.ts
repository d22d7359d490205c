/** A user's test, with the global functions of Jest or Vitest. */
import { inspect } from "node:util";
import { ConnectionError, createChatsClient } from "yandex-market-chats";
import { startMarketServer } from "yandex-market-chats/testing";
import { readChats } from "./read-chats";

test("reads the chats of the mock server", async () => {
  const server = await startMarketServer({ chats: 42 });
  try {
    expect(await readChats(server)).toBe(42);
  } finally {
    await server.close();
  }
});

test("reports ECONNREFUSED when the connection is refused", async () => {
  const server = await startMarketServer({ chats: 42 });
  await server.close();
  const market = createChatsClient({ ...server, maxRetries: 0 });
  const error: unknown = await market.getChat(1).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConnectionError);
  // The text contains the causes. In happy-dom, the code is in the message only.
  expect(inspect(error)).toContain("ECONNREFUSED");
});
