/** Several processes that use one cabinet at the same time, with default options. */
import { startMarketServer } from "../../src/testing/index.js";
import { receiveMessage, startScript } from "./child.js";

const calls = 150;
const latency = 50;
const parallelLimit = 4;

export interface ProcessesResult {
  /** Total time, as a multiple of the time that the server needs at least. */
  readonly ratio: number;
  readonly lost: number;
  /** Share of the requests that were rejected with 420. */
  readonly rejectedShare: number;
}

export async function runProcesses(count: number): Promise<ProcessesResult> {
  await using server = await startMarketServer({ latency, parallelLimit, quota: { getChat: 1_000_000 } });
  const { baseUrl, apiKey, businessId } = server;
  const options = JSON.stringify({ baseUrl, apiKey, businessId });
  const chatId = String(server.chats[0]?.chatId);
  const callers = Array.from({ length: count }, () => startScript("caller", options, chatId, String(calls)));
  await Promise.all(callers.map(receiveMessage));
  const startedAt = performance.now();
  callers.forEach((caller) => caller.send("start"));
  const lost = (await Promise.all(callers.map(receiveMessage))) as number[];
  const elapsed = performance.now() - startedAt;
  const rejected = server.requests.filter(({ status }) => status === 420).length;
  return {
    ratio: elapsed / ((count * calls * latency) / parallelLimit),
    lost: lost.reduce((sum, number) => sum + number, 0),
    rejectedShare: rejected / server.requests.length,
  };
}
