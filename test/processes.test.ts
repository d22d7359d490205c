/** Separate processes. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { type MarketServer, type ReceivedRequest, startMarketServer } from "../src/testing/index.js";

/** Runs a module in a process that must end by itself. Returns the lines that it prints. */
async function run(server: MarketServer, script: string): Promise<string[]> {
  const { baseUrl, apiKey, businessId } = server;
  const module = `
    import { createChatsClient } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
    const market = createChatsClient(${JSON.stringify({ baseUrl, apiKey, businessId })});
    ${script}`;
  const parameters = ["--import", "tsx", "--input-type=module", "--eval", module];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { timeout: 20_000 });
  return stdout.trim().split("\n");
}

it("lose no call if several of them use one cabinet with default options", async () => {
  await using server = await startMarketServer({ chats: 40, latency: 20 });
  const script = `
    await new Promise((resolve) => setTimeout(resolve, ${Date.now() + 1000} - Date.now())); // Both start together.
    const ids = ${JSON.stringify(server.chats.map(({ chatId }) => chatId))};
    const chats = await Promise.all(ids.map((id) => market.getChat(id)));
    console.log(chats.length);`;
  expect(await Promise.all([run(server, script), run(server, script)])).toEqual([["40"], ["40"]]);
  const rejected = server.requests.filter(({ status }) => status === 420);
  expect(rejected.length).toBeLessThan(server.requests.length / 2);
}, 20_000);

it("end after the last call, whatever its result", async () => {
  await using server = await startMarketServer();
  const [first = 0] = server.chats.map(({ chatId }) => chatId);
  const when = ({ query }: ReceivedRequest) => query["chatId"] === "1";
  server.queueFault({ kind: "delay", milliseconds: 600_000 }, { when, times: Infinity });
  const lines = await run(
    server,
    `
    const log = (call) => call.then(() => console.log("OK"), ({ name }) => console.log(name));
    await log(market.getChat(1, { timeout: 50, maxRetries: 0 }));
    await log(market.getChat(1, { signal: AbortSignal.timeout(50) }));
    await log(market.getChat(${first}));
    await log(market.getChat(404));
    for await (const chat of market.listChats({}, { prefetch: true })) break;`,
  );
  expect(lines).toEqual(["TimeoutError", "TimeoutError", "OK", "ApiError"]);
}, 20_000);
