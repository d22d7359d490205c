/**
 * Several processes list every chat of one cabinet at the same time, with default options, from a server whose quota
 * runs out and that injects a fault into one request of ten. Every process must get every chat, once and in order, and
 * no heap may grow.
 *
 *     npm run soak
 *     npm run soak -- --chats 20000 --processes 2 --fault-rate 0.3
 */
import { parseArgs } from "node:util";
import { type Fault, sampleChats, startMarketServer } from "../src/testing/index.js";
import { prepareWorkspace, runTask } from "./measure/workers.js";

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
const rate = Number(values["fault-rate"]);
for (const [index, fault] of faults.entries()) {
  // A fault is tried only if none of the earlier ones was applied, so its own probability is higher.
  server.queueFault(fault, { when: () => Math.random() < rate / (faults.length - index * rate), times: Infinity });
}
const { baseUrl, apiKey, businessId, requests } = server;
const list = () => runTask("listAll", { baseUrl, apiKey, businessId }, chats);
const listings = await Promise.all(Array.from({ length: Number(values.processes) }, list));
await server.close();

console.table(listings);
const seconds = ((performance.now() - startedAt) / 1000).toFixed();
const faulty = requests.filter(({ fault }) => fault !== undefined).length;
const rejected = requests.filter(({ status }) => status === 420).length;
console.log(`${requests.length} requests in ${seconds} s, ${faulty} with a fault, ${rejected} rejected with 420`);
console.log(`at most ${server.peakParallel} concurrent requests`);

const isComplete = listings.every((one) => one.isComplete);
console.log(isComplete ? "every process got every chat, once and in order" : "CHATS WERE LOST");
/** In MB. The page tokens of a listing of 10,000 pages take 1 MB. */
const maxHeapGrowth = 5;
const hasGrown = listings.some((one) => one["heap at the end, MB"] - one["heap at 10 %, MB"] > maxHeapGrowth);
if (hasGrown) console.log(`THE HEAP HAS GROWN BY MORE THAN ${maxHeapGrowth} MB`);
process.exitCode = isComplete && !hasGrown ? 0 : 1;
