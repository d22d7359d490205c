/** A mock server whose quota runs out every few seconds, and that injects a fault into one request of ten. */
import { type Fault, sampleChats, startMarketServer } from "../../src/testing/index.js";

export interface ServerReport {
  requests: number;
  faults: number;
  /** Number of requests rejected with 420. */
  rejected: number;
  peakParallel: number;
}

const [, , chats = "", faultRate = ""] = process.argv;

const faults: Fault[] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 503, body: "<html>overloaded</html>" },
  { kind: "cut", where: "before" },
  { kind: "cut", where: "head" },
  { kind: "cut", where: "body" },
  { kind: "delay", milliseconds: 50 },
  { kind: "delay", milliseconds: 50, where: "body" },
  { kind: "html" },
];

await using server = await startMarketServer({
  chats: sampleChats(Number(chats)),
  quota: { getChats: 600 },
  quotaPeriod: 5_000,
});
for (const fault of faults) {
  server.queueFault(fault, { when: () => Math.random() < Number(faultRate) / faults.length, times: Infinity });
}

const report: ServerReport = { requests: 0, faults: 0, rejected: 0, peakParallel: 0 };

/** Counts completed requests and removes them, so that the history does not grow. */
function count(): void {
  const { requests } = server;
  for (let index = requests.length - 1; index >= 0; index -= 1) {
    const request = requests[index];
    if (request !== undefined && request.outcome !== "pending") {
      report.requests += 1;
      report.faults += request.fault === undefined ? 0 : 1;
      report.rejected += request.status === 420 ? 1 : 0;
      requests.splice(index, 1);
    }
  }
}
const counting = setInterval(count, 500);

process.send?.(JSON.stringify({ baseUrl: server.baseUrl, apiKey: server.apiKey, businessId: server.businessId }));
await new Promise((resolve) => process.once("message", resolve));
clearInterval(counting);
count();
process.send?.({ ...report, peakParallel: server.peakParallel });
