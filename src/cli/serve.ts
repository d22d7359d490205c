import { Command } from "@commander-js/extra-typings";
import { type MarketServer, type ReceivedRequest, sampleChats, startMarketServer } from "../testing/index.js";
import { createRandom } from "../testing/random.js";
import { mapOperations } from "../testing/routing.js";
import { integer, number, readBusinessId } from "./arguments.js";
import { formatCount } from "./chat-printer.js";
import { describeError, paint, writeToStdout, printable, toUsageError } from "./output.js";
import { createActivity, injectRandomFaults } from "./simulation.js";

/** Number of recorded requests after which the oldest are removed. The server may run for weeks. */
const maxRecorded = 20_000;

/** Longest delay of a timer, in milliseconds. */
const maxDelay = 2 ** 31 - 1;

const notes = `
Prints one line per request. For tests, with the header Api-Key: POST a fault to
/_market/faults, GET /_market/requests, PUT an array or {"count": 100} to
/_market/chats, DELETE /_market to reset. See docs/testing.md.
`;

const faultHelp = "share of requests with a temporary fault, from 0 to 1; at most two in a row for the same request";

export const serveCommand = new Command("serve")
  .summary("start a mock server of the API, for tests in any language")
  .description("Starts a mock server of the Yandex Market API, for tests in any language.")
  .option("--port <port>", "port to listen on, 0 for any free port", integer("--port", 0, 65_535), 4010)
  .option("--host <host>", "address to listen on; 0.0.0.0 for other hosts, whose clients need allowHttp", "127.0.0.1")
  .option("--chats <number>", "number of sample chats", integer("--chats", 0, 1_000_000), 50)
  .option("--latency <ms>", "delay of each response in milliseconds", integer("--latency", 0, maxDelay), 0)
  .option("--quota <number>", "requests per hour for each operation (default: as documented)", integer("--quota", 0))
  .option("--parallel <number>", "maximum number of concurrent requests", integer("--parallel", 1), 4)
  .option("--fault-rate <rate>", faultHelp, number("--fault-rate", 0, 1), 0)
  .option("--activity <number>", "changes of chats per minute", number("--activity", 0, 60_000), 0)
  .option("--seed <number>", "seed of chats, faults and changes", integer("--seed", Number.MIN_SAFE_INTEGER), 1)
  .option("--api-key <key>", "API key that the server accepts")
  .option("--business-id <id>", "ID of the cabinet (default: 123456)", (text) => readBusinessId("--business-id", text))
  .addHelpText("after", notes);

/** Starts a mock server. Resolves when it is ready; the server keeps the process alive. */
serveCommand.action(async ({ chats, seed, faultRate, activity, quota, parallel: parallelLimit, ...options }) => {
  const server: MarketServer = await startMarketServer({
    ...options,
    quota: mapOperations(() => quota),
    parallelLimit,
    chats: sampleChats(chats, { seed, now: new Date() }),
    control: true,
    onRequest(request) {
      void writeToStdout(`${formatRequest(request)}\n`);
      restoreFaults();
      if (server.requests.length > maxRecorded) server.requests.splice(0, maxRecorded / 2);
    },
  }).catch((error: unknown) => {
    const message = describeError(error);
    if (/EADDRINUSE|EACCES/.test(message)) throw new Error(`${message}; choose another port with --port`);
    throw error instanceof TypeError ? toUsageError(error, { apiKey: "--api-key", host: "--host" }) : error;
  });
  // Negative, so that they differ from the sequences of the sample chats.
  const restoreFaults = injectRandomFaults(server, faultRate, createRandom(seed, -1));
  if (activity > 0) {
    const change = createActivity(server.chats, seed, createRandom(seed, -2));
    setInterval(() => change(new Date()), Math.min(60_000 / activity, maxDelay));
  }
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  const title = `Mock server of the Yandex Market API with ${formatCount(server.chats.length)}. Press Ctrl-C to stop.`;
  // The variables are those of `list` and `get`, in the format of an env file.
  await writeToStdout(`${paint("bold", title)}

YANDEX_MARKET_BASE_URL=${server.baseUrl}
YANDEX_MARKET_API_KEY=${server.apiKey}
YANDEX_MARKET_BUSINESS_ID=${server.businessId}

`);
});

/** Formats a request as `200  getChats    12 ms  9999 remaining`. Omits query and headers: both may contain a key. */
function formatRequest(request: ReceivedRequest): string {
  const { status, outcome, operation, method, path, durationMs = 0, remaining, fault } = request;
  return [
    paint(status !== undefined && status < 400 ? "green" : "red", String(status ?? "---")),
    (operation ?? `${method} ${printable(path)}`).padEnd(8),
    `${String(Math.round(durationMs)).padStart(4)} ms`,
    ...(remaining === undefined ? [] : [`${remaining} remaining`]),
    ...(fault === undefined ? [] : [`fault: ${fault}`]),
    ...(outcome === "abandoned" ? ["connection closed by the client"] : []),
  ].join("  ");
}
