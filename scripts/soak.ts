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
const rateOfEach = Number(values["fault-rate"]) / faults.length;
for (const fault of faults) {
  server.queueFault(fault, { when: () => Math.random() < rateOfEach, times: Infinity });
}
const { baseUrl, apiKey, businessId, requests } = server;
const cabinet = { baseUrl, apiKey, businessId };
const lists = Array.from({ length: Number(values.processes) }, () => runTask("listAll", cabinet, chats));
const results = await Promise.all(lists);
await server.close();

console.table(results);
const seconds = ((performance.now() - startedAt) / 1000).toFixed();
const faulty = requests.filter(({ fault }) => fault !== undefined).length;
const rejected = requests.filter(({ status }) => status === 420).length;
console.log(
  `${requests.length} requests in ${seconds} s, ${faulty} with a fault, ${rejected} rejected with 420, ` +
    `at most ${server.peakParallel} concurrent`,
);

let lostCalls = 0;
for (const count of [2, 3, 6]) {
  const { ratio, lost, rejectedShare } = await measureConcurrentCalls(count);
  lostCalls += lost;
  console.log(
    `${count} processes with 150 concurrent calls each: ${lost} lost, ${ratio.toFixed(2)} × the minimum time, ` +
      `${(100 * rejectedShare).toFixed(1)} % of the requests rejected with 420`,
  );
}
const isComplete = results.every((result) => result.isComplete) && lostCalls === 0;
console.log(isComplete ? "every process got every chat, once and in order" : "CHATS OR CALLS WERE LOST");
process.exitCode = isComplete ? 0 : 1;
