/**
 * Lists the chats of a cabinet, or sample chats: `npm start`; more in `npm start -- --help`.
 *
 * The chats go to stdout page by page as they come, so that a listing of any length neither fills the memory nor keeps
 * anybody waiting. Everything else goes to stderr.
 */
import { ApiError, type ChatsClient, type ChatsClientOptions, createChatsClient, MarketError } from "../src/index.js";
import { createProgress } from "./list-chats/progress.js";
import { help, readCabinet, readSettings, scopes, type Settings, variables } from "./list-chats/settings.js";
import { jsonLine, printable, statusCounts, tableHeader, tableRow } from "./list-chats/table.js";

const progress = createProgress(process.stderr);
/** How many chats of each status have been listed. */
const counts = new Map<string, number>();
let listed = 0;

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  if (settings.help) {
    return print(help);
  }
  const cabinet = readCabinet(process.env);
  if (cabinet !== undefined) {
    const market = connect(cabinet);
    say(`Listing the chats of cabinet ${cabinet.businessId}${cabinet.baseUrl ? ` at ${cabinet.baseUrl}` : ""}.`);
    return list(market, settings);
  }
  say(`Listing sample chats: ${variables.apiKey} and ${variables.businessId} are not set.`);
  const { startMarketServer } = await import("../src/testing/index.js");
  await using server = await startMarketServer();
  await list(connect(server), settings);
}

function connect({ apiKey, businessId, baseUrl }: ChatsClientOptions): ChatsClient {
  return createChatsClient({
    apiKey,
    businessId,
    baseUrl,
    integration: "yandex-market-chats",
    onAttempt({ error, retryInMs }) {
      if (retryInMs !== undefined) {
        progress.mention(`${describe(error)}; next attempt in ${Math.ceil(retryInMs / 1000)} s`);
      }
    },
  });
}

async function list(market: ChatsClient, { filter, limit, pageToken, json }: Settings): Promise<void> {
  let isCutShort = false;
  // As a page size, a limit above the Market's most is taken for that.
  for await (const page of market.listChats(filter, { limit, pageToken }).pages()) {
    const chats = page.chats.slice(0, limit - listed);
    const lines = chats.map(json ? jsonLine : (chat) => tableRow(chat, Date.now()));
    if (!json && listed === 0 && lines.length > 0) {
      lines.unshift(tableHeader);
    }
    progress.clear();
    await print(lines.map((line) => `${line}\n`).join(""));
    listed += chats.length;
    for (const { status } of chats) {
      counts.set(printable(status), (counts.get(printable(status)) ?? 0) + 1);
    }
    if (listed === limit) {
      isCutShort = chats.length < page.chats.length || Boolean(page.paging?.nextPageToken);
      break;
    }
    progress.update(listed);
  }
  progress.clear();
  if (json) {
    say(`${amount(listed)} listed.`);
  } else {
    await print(`${listed > 0 ? "\n" : ""}${statusCounts(counts).join("\n")}\n`);
  }
  if (isCutShort) {
    say(`--limit ${limit} ended the listing: there may be more.`);
  }
}

/** Resolves when the reader has room for more. Rejects if there is no reader any more. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function say(text: string): void {
  progress.clear();
  process.stderr.write(`${text}\n`);
}

function amount(chats: number): string {
  return chats === 1 ? "1 chat" : `${chats} chats`;
}

/** In one line, and by the names of the variables where the client names its options. */
function describe(error: unknown): string {
  const message = printable(error instanceof Error ? error.message : String(error));
  return message.replace(/^(?:apiKey|baseUrl)\b/, (option) =>
    option === "apiKey" ? variables.apiKey : variables.baseUrl,
  );
}

/** What went wrong, and what to do about it. */
function explain(error: unknown): string {
  const parts = [describe(error)];
  if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
    parts.push(`check that ${variables.apiKey} is a key of this cabinet and has one of the scopes ${scopes}`);
  }
  if (error instanceof MarketError && listed > 0) {
    parts.push(`${amount(listed)} listed so far`);
    // A token may hold any characters. One that would not survive the terminal is not worth showing.
    if (error.pageToken !== undefined && error.pageToken === printable(error.pageToken)) {
      parts.push(`to go on, add --page-token='${error.pageToken.replaceAll("'", "'\\''")}'`);
    }
  }
  return parts.join("; ");
}

// Without a listener a write error would end the process with a stack trace. `print` rejects with it; for stderr there
// is nobody left to tell.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);
process.on("SIGINT", () => {
  say(`Stopped: ${amount(listed)} listed.`);
  process.exit(130);
});
try {
  await main();
} catch (error) {
  // The reader has seen enough, as `head` does: no error, and nothing more to ask the Market for.
  const isReaderGone = error instanceof Error && "code" in error && error.code === "EPIPE";
  if (!isReaderGone) {
    say(`list-chats: ${explain(error)}`);
    process.exitCode = 1;
  }
}
