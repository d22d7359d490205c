/** A user's test, with the global functions of Jest or Vitest. */
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
  const market = createChatsClient({
    apiKey: server.apiKey,
    baseUrl: server.baseUrl,
    businessId: server.businessId,
    maxRetries: 0,
  });
  const error: unknown = await market.getChat(1).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConnectionError);
  // The fetch of happy-dom reports the code in the message only.
  expect(listReasons(error, "happyDOM" in globalThis ? "message" : "code").join()).toContain("ECONNREFUSED");
});

/** A property of an error and of its causes. */
function listReasons(error: unknown, property: "code" | "message"): unknown[] {
  const reasons: unknown[] = [];
  for (let cause = error; typeof cause === "object" && cause !== null; cause = "cause" in cause && cause.cause) {
    reasons.push(Reflect.get(cause, property));
  }
  return reasons;
}
