export type {
  BodyFault,
  CutFault,
  DelayFault,
  Fault,
  FaultHeaders,
  FaultMatch,
  HtmlFault,
  RedirectFault,
  RepeatTokenFault,
  StatusFault,
  UnsafeIntegerFault,
} from "./faults.js";
export type { MarketServerOptions } from "./options.js";
export type { ReceivedRequest } from "./received.js";
export type { Operation } from "./routes.js";
export { type SampleOptions, sampleChats } from "./samples.js";
export { type MarketServer, startMarketServer } from "./server.js";
