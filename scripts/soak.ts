/**
 * Several processes list every chat of one cabinet at the same time, with default options, from a server whose quota
 * runs out and that injects a fault into one request of ten. Every process must get every chat, once and in order. Then
 * several processes send concurrent calls, and no call may be lost.
 *
 *     npm run soak
 *     npm run soak -- --chats 20000 --processes 2 --fault-rate 0.3
 */
import { parseArgs } from "node:util";
import { type Fault, sampleChats, startMarketServer } from "../src/testing/index.js";
import { measureConcurrentCalls, prepareWorkspace, runTask } from "./measure/workers.js";

const { values } = parseArgs({
  options: {
    chats: { type: "string", default: "200000" },
    processes: { type: "string", default: "4" },
    "fault-rate": { type: "string", default: "0.1" },
  },
});

const chats = Number(values.chats);

const faults: readonly Fault[] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 503, body: "<html>overloaded</html>" },
  { kind: "cut", where: "before" },
  { kind: "cut", where: "head" },
  { kind: "cut", where: "body" },
  { kind: "delay", milliseconds: 50 },
  { kind: "delay", milliseconds: 50, where: "body" },
  { kind: "html" },
];

await prepareWorkspace();
const startedAt = performance.now();
const server = await startMarketServer({ chats: sampleChats(chats), quota: { getChats: 600 }, quotaPeriod: 5_000 });
for (const fault of faults) {
  server.queueFault(fault, {
    when: () => Math.random() < Number(values["fault-rate"]) / faults.length,
    times: Infinity,
  });
}
const report = { requests: 0, faults: 0, rejected: 0 };

/** Counts completed requests and removes them, so that the history does not grow. */
function count(): void {
  const received = server.requests.splice(0);
  const completed = received.filter(({ outcome }) => outcome !== "pending");
  server.requests.push(...received.filter(({ outcome }) => outcome === "pending"));
  report.requests += completed.length;
  report.faults += completed.filter(({ fault }) => fault !== undefined).length;
  report.rejected += completed.filter(({ status }) => status === 420).length;
}
const counting = setInterval(count, 500);
const { baseUrl, apiKey, businessId } = server;
const lists = Array.from({ length: Number(values.processes) }, () =>
  runTask("listAll", { baseUrl, apiKey, businessId }, chats),
);
const results = await Promise.all(lists);
await server.close();
clearInterval(counting);
count();

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
    `(${percent(report.rejected, report.requests)}) rejected with 420, at most ${server.peakParallel} concurrent`,
);

let lostCalls = 0;
for (const count of [2, 3, 6]) {
  const { ratio, lost, rejectedShare } = await measureConcurrentCalls(count);
  lostCalls += lost;
  console.log(
    `${count} processes with 150 concurrent calls each: ${lost} lost, ${ratio.toFixed(2)} × the minimum time, ` +
      `${percent(rejectedShare, 1)} of the requests rejected with 420`,
  );
}
const isComplete = results.every((result) => result.isComplete) && lostCalls === 0;
console.log(isComplete ? "every process got every chat, once and in order" : "CHATS OR CALLS WERE LOST");
process.exitCode = isComplete ? 0 : 1;
