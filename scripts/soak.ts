/**
 * Several processes list every chat of one cabinet at the same time, with default options, from a server whose quota
 * runs out and that injects a fault into one request of ten. Every process must get every chat, once and in order. Then
 * several processes send concurrent calls, and no call may be lost.
 *
 *     npm run soak
 *     npm run soak -- --chats 20000 --processes 2 --fault-rate 0.3
 */
import { parseArgs } from "node:util";
import { receiveMessage, startScript } from "./soak/child.js";
import type { ListingResult } from "./soak/lister.js";
import type { ServerReport } from "./soak/server.js";
import { runProcesses } from "./soak/processes.js";

const { values } = parseArgs({
  options: {
    chats: { type: "string", default: "200000" },
    processes: { type: "string", default: "4" },
    "fault-rate": { type: "string", default: "0.1" },
  },
});

const startedAt = performance.now();
const server = startScript("server", values.chats, values["fault-rate"]);
const options = (await receiveMessage(server)) as string;
const listers = Array.from({ length: Number(values.processes) }, () => startScript("lister", options, values.chats));
const results = (await Promise.all(listers.map(receiveMessage))) as ListingResult[];
server.send("report");
const report = (await receiveMessage(server)) as ServerReport;
server.kill();

console.table(
  results.map(({ chats, isComplete, attempts, waits, resumed, heapAtTenth, heapAtEnd }) => ({
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
const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
console.log(
  `${report.requests} requests in ${seconds} s, ${report.faults} with a fault, ${report.rejected} ` +
    `(${percent(report.rejected, report.requests)}) rejected with 420, at most ${report.peakParallel} concurrent`,
);

let lostCalls = 0;
for (const count of [2, 3, 6]) {
  const { ratio, lost, rejectedShare } = await runProcesses(count);
  lostCalls += lost;
  console.log(
    `${count} processes with 150 concurrent calls each: ${lost} lost, ${ratio.toFixed(2)} × the minimum time, ` +
      `${percent(rejectedShare, 1)} of the requests rejected with 420`,
  );
}
const isComplete = results.every((result) => result.isComplete) && lostCalls === 0;
console.log(isComplete ? "every process got every chat, once and in order" : "CHATS OR CALLS WERE LOST");
process.exitCode = isComplete ? 0 : 1;
