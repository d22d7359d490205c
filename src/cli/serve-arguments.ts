import { parseArgs } from "node:util";
import { mapOperations } from "../testing/routing.js";
import { isId, readDecimal, readInteger } from "./arguments.js";
import { UsageError } from "./output.js";

const text = { type: "string" } as const;
const options = {
  port: { ...text, default: "4010" },
  host: { ...text, default: "127.0.0.1" },
  chats: { ...text, default: "50" },
  latency: { ...text, default: "0" },
  quota: text,
  parallel: { ...text, default: "4" },
  "fault-rate": { ...text, default: "0" },
  seed: { ...text, default: "1" },
  activity: { ...text, default: "0" },
  "api-key": text,
  "business-id": text,
} as const;

/** @throws UsageError or an error of `parseArgs` that names the invalid option. */
export function readServeArguments(args: string[]) {
  const { values } = parseArgs({ args, options });
  const { host, "api-key": apiKey, "business-id": businessId } = values;
  // Does not show the value: it may be a key.
  if (businessId !== undefined && !isId(businessId)) throw new UsageError("--business-id must be a positive integer");
  const quota = values.quota === undefined ? undefined : readInteger("--quota", values.quota, 0);
  return {
    chats: readInteger("--chats", values.chats, 0, 1_000_000),
    seed: readInteger("--seed", values.seed, Number.MIN_SAFE_INTEGER),
    faultRate: readDecimal("--fault-rate", values["fault-rate"], 1),
    activity: readDecimal("--activity", values.activity, 60_000),
    server: {
      port: readInteger("--port", values.port, 0, 65_535),
      host,
      latency: readInteger("--latency", values.latency, 0, 2 ** 31 - 1),
      quota: mapOperations(() => quota),
      parallelLimit: readInteger("--parallel", values.parallel, 1),
      apiKey,
      businessId: businessId === undefined ? undefined : Number(businessId),
    },
  };
}
