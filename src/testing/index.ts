export type { FaultMatch } from "./fault-queue.js";
export type * from "./faults.js";
export type { MarketServerOptions } from "./options.js";
export type { ReceivedRequest } from "./request-log.js";
export type { Operation } from "./routing.js";
export { type SampleOptions, sampleChats } from "./samples.js";
export { type MarketServer, startMarketServer } from "./server.js";
