/**
 * Months in minutes: several processes list every chat of one cabinet at once, from a Market whose quota runs out and
 * that answers one request of ten with a fault. Every process has to end with every chat, once and in order.
 *
 *     npm run soak
 *     npm run soak -- --chats 20000 --processes 2 --fault-rate 0.3
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { LastWord } from "./soak/lister.js";
import type { MarketReport } from "./soak/market.js";

const { values } = parseArgs({
  options: {
    chats: { type: "string", default: "200000" },
    processes: { type: "string", default: "4" },
    "fault-rate": { type: "string", default: "0.1" },
  },
});

/** A process of this folder, with room for its own heap. */
function start(script: string, ...args: string[]) {
  return fork(fileURLToPath(new URL(`./soak/${script}.ts`, import.meta.url)), args, {
    execArgv: ["--import", "tsx", "--expose-gc"],
  });
}

async function nextMessage(child: ReturnType<typeof start>): Promise<unknown> {
  const exit = once(child, "exit").then(([code]: unknown[]) => {
    throw new Error(`a process ended with exit code ${String(code)} before its last word`);
  });
  const [message] = (await Promise.race([once(child, "message"), exit])) as [unknown];
  return message;
}

const startedAt = performance.now();
const market = start("market", values.chats, values["fault-rate"]);
const address = (await nextMessage(market)) as string;
const listers = Array.from({ length: Number(values.processes) }, () => start("lister", address, values.chats));
const words = (await Promise.all(listers.map(nextMessage))) as LastWord[];
market.send("report");
const report = (await nextMessage(market)) as MarketReport;
market.kill();

console.table(
  words.map(({ chats, isComplete, attempts, waits, resumed, heapAtTenth, heapAtEnd }) => ({
    chats,
    "each once, in order": isComplete ? "yes" : "NO",
    attempts,
    "waits for the quota": waits,
    "listings resumed": resumed,
    "heap at 10 %, MB": (heapAtTenth / 2 ** 20).toFixed(1),
    "heap at the end, MB": (heapAtEnd / 2 ** 20).toFixed(1),
  })),
);
const seconds = ((performance.now() - startedAt) / 1000).toFixed();
const share = ((100 * report.refused) / report.requests).toFixed(1);
console.log(
  `${report.requests} requests in ${seconds} s: ${report.faults} met a fault, ${report.refused} (${share} %) got 420; ` +
    `at most ${report.peakParallel} at once`,
);
const isComplete = words.every((word) => word.isComplete);
console.log(isComplete ? "every process has every chat, once and in order" : "CHATS WERE LOST OR DOUBLED");
process.exitCode = isComplete ? 0 : 1;
