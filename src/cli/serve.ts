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
    throw toUsageError(error);
  });
  const restoreFaults = injectRandomFaults(server, faultRate, createRandom(seed, "faults"));
  if (activity > 0) {
    const change = createActivity(server.chats, seed, createRandom(seed, "activity"));
    setInterval(() => change(new Date()), 60_000 / activity);
  }
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  await print(describeServer(server, options.host, paint));
}

/** The variables are those of `list` and `get`, and can be copied to a shell or an env file. */
function describeServer({ baseUrl, apiKey, businessId, chats }: MarketServer, host: string, paint: Paint): string {
  const isPublic = !/^(127\.|localhost$|::1$)/.test(host);
  return [
    paint("bold", `Mock server of the Yandex Market API with ${formatAmount(chats.length)}. Press Ctrl-C to stop.`),
    ...(isPublic ? [`Listening on ${host}. Clients on other hosts use the address of this host, and allowHttp.`] : []),
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

/** Adds what to change to an error of the server, by the name of the option. */
function toUsageError(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE" || code === "EACCES") {
    return new Error(`${describeError(error)}; choose another port with --port, or 0 for any free port`);
  }
  if (error instanceof TypeError || error instanceof RangeError) {
    return new UsageError(
      describeError(error)
        .replace(/^apiKey\b/, "--api-key")
        .replace(/^host\b/, "--host"),
    );
  }
  return error;
}
