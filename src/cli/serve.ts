import { type MarketServer, type ReceivedRequest, sampleChats, startMarketServer } from "../testing/index.js";
import { createActivity } from "./activity.js";
import { formatAmount } from "./chat-printer.js";
import { type Color, createPaint, describeError, type Paint, print, UsageError } from "./output.js";
import { injectRandomFaults } from "./random-faults.js";
import { createRandom } from "./random.js";
import { readServeArguments } from "./serve-arguments.js";
import { printable, truncate } from "./text.js";

/** Number of recorded requests after which the oldest are removed. The server may run for weeks. */
const maxRecorded = 20_000;

/** Longest delay of a timer, in milliseconds. */
const maxDelay = 2 ** 31 - 1;

/** Starts a mock server. Resolves when it is ready; the server keeps the process alive. */
export async function runServe(args: string[]): Promise<void> {
  const { chats, seed, faultRate, activity, server: options } = readServeArguments(args);
  const paint = createPaint(process.stdout);
  const server: MarketServer = await startMarketServer({
    ...options,
    chats: sampleChats(chats, { seed, now: new Date() }),
    control: true,
    onRequest(request) {
      void print(`${formatRequest(request, paint)}\n`);
      restoreFaults();
      if (server.requests.length > maxRecorded) server.requests.splice(0, maxRecorded / 2);
    },
  }).catch((error: unknown) => {
    throw explain(error);
  });
  const restoreFaults = injectRandomFaults(server, faultRate, createRandom(seed, "faults"));
  if (activity > 0) {
    const change = createActivity(server.chats, seed, createRandom(seed, "activity"));
    setInterval(() => change(new Date()), Math.min(60_000 / activity, maxDelay));
  }
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  await print(describeServer(server, options.host, paint));
}

/** The variables are those of `list` and `get`, in the format of an env file. */
function describeServer({ baseUrl, apiKey, businessId, chats }: MarketServer, host: string, paint: Paint): string {
  const isPublic = !/^(127\.|localhost$|::1$)/.test(host);
  return [
    paint("bold", `Mock server of the Yandex Market API with ${formatAmount(chats.length)}. Press Ctrl-C to stop.`),
    ...(isPublic ? [`Listening on ${host}: clients on other hosts need allowHttp.`] : []),
    "",
    `YANDEX_MARKET_BASE_URL=${baseUrl}`,
    `YANDEX_MARKET_API_KEY=${apiKey}`,
    `YANDEX_MARKET_BUSINESS_ID=${businessId}`,
    "\n",
  ].join("\n");
}

/** Formats a request as `200  getChats    12 ms  9999 remaining`. It never contains a key: records have none. */
function formatRequest(request: ReceivedRequest, paint: Paint): string {
  const { status, outcome, operation, method, path, durationMs = 0, remaining, fault } = request;
  const color: Color = status === undefined || status >= 500 ? "red" : status >= 400 ? "yellow" : "green";
  return [
    paint(color, String(status ?? "---")),
    (operation ?? truncate(`${method} ${printable(path)}`, 60)).padEnd(8),
    `${String(Math.round(durationMs)).padStart(4)} ms`,
    ...(remaining === undefined ? [] : [`${remaining} remaining`]),
    ...(fault === undefined ? [] : [`fault: ${fault}`]),
    ...(outcome === "abandoned" ? ["connection closed by the client"] : []),
  ].join("  ");
}

/** Adds how to fix an error of the server, by the name of the option. */
function explain(error: unknown): unknown {
  const message = describeError(error);
  if (/EADDRINUSE|EACCES/.test(message)) return new Error(`${message}; choose another port with --port`);
  if (!(error instanceof TypeError)) return error;
  return new UsageError(message.replace(/^(?=(apiKey|host)\b)/, "--").replace("apiKey", "api-key"));
}
