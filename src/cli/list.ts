import { Command, Option } from "@commander-js/extra-typings";
import type { Chat, ChatsPage } from "../index.js";
import { ApiError, chatContextTypes, chatStatuses, chatTypes, MarketError } from "../index.js";
import { integer, listOf } from "./arguments.js";
import { createChatPrinter, formatCount } from "./chat-printer.js";
import { allowHttpOption, connect, environmentHelp } from "./environment.js";
import { describeError, logToStderr, printable, showProgress, UsageError } from "./output.js";

const help = {
  sort: "most recently updated chats first; receives all chats before it prints the first one",
  pageToken:
    "resume from this page token, as printed by a failed run, with the same filters; CSV begins with its header again",
  csv: "CSV with a header (UTF-8), for spreadsheets: ' precedes text that would run as a formula, and a tab precedes a number that would be changed, such as one of 12 or more digits",
  notes: `
The color of the status shows who has to act: yellow for the store, cyan for the
customer, magenta for Yandex Market. Times are in the local time zone.
${environmentHelp}`,
};

export const listCommand = new Command("list")
  .summary("list chats (default); its options also work without its name")
  .description("Lists chats on stdout. For several values of a filter, use a comma or repeat the option.")
  .option("--status <status>", `only with these statuses: ${chatStatuses.join(", ")}`, listOf("--status", chatStatuses))
  .option("--type <type>", `only of these types: ${chatTypes.join(", ")}`, listOf("--type", chatTypes))
  .option("--context <context>", `only about: ${chatContextTypes.join(", ")}`, listOf("--context", chatContextTypes))
  .addOption(new Option("--sort <order>", help.sort).choices(["updated"]))
  .option("--limit <number>", "maximum number of chats to list (default: all)", integer("--limit", 1))
  .option("--page-token <token>", help.pageToken, readPageToken)
  .option("--json", "one JSON object per line, as the API returned it")
  .addOption(new Option("--csv", help.csv).conflicts("json"))
  .option("--delimiter <delimiter>", 'implies --csv: ",", ";" or tab; Excel in Russian expects ";"', readDelimiter)
  .addOption(allowHttpOption())
  .addHelpText("after", help.notes);

listCommand.action(async ({ status, type, context, limit = Infinity, pageToken, sort, ...options }) => {
  await using connection = await connect(options.allowHttp);
  const printer = createChatPrinter(options);
  process.on("SIGINT", () => {
    logToStderr(`Stopped: ${formatCount(printer.printed)} listed.`);
    process.exit(130);
  });
  logToStderr(`Listing ${connection.source}.`);
  const filter = { statuses: status, types: type, contextTypes: context };
  // The client reduces a limit above the maximum page size to that size. A page token is valid for one page size only.
  const pageSize = sort || pageToken ? undefined : limit;
  const pages = connection.market.listChats(filter, { limit: pageSize, pageToken }).pages();
  let isTruncated = false;
  try {
    for await (const { chats, paging } of sort ? sortChats(pages) : pages) {
      const remaining = limit - printer.printed;
      await printer.print(chats.slice(0, remaining));
      isTruncated = chats.length > remaining || Boolean(paging?.nextPageToken);
      if (printer.printed >= limit) break;
      showProgress(printer.printed);
    }
  } catch (error) {
    throw error instanceof MarketError ? new Error(explain(error, printer.printed, limit)) : error;
  }
  await printer.finish();
  if (isTruncated) logToStderr(`The listing ended at --limit ${limit}; there may be more chats.`);
});

/** Yields all chats as one page, most recently updated first. Receives all pages first, since the API does not sort. */
async function* sortChats(pages: AsyncIterable<ChatsPage>): AsyncIterable<ChatsPage> {
  const chats: Chat[] = [];
  for await (const page of pages) {
    chats.push(...page.chats);
    showProgress(chats.length);
  }
  const getTime = ({ updatedAt }: Chat) => Date.parse(updatedAt) || 0;
  yield { chats: chats.sort((a, b) => getTime(b) - getTime(a)) };
}

/** Describes the error and how to continue. */
function explain(error: MarketError, printed: number, limit: number): string {
  const { pageToken } = error;
  const description = describeError(error) + (printed > 0 ? `; ${formatCount(printed)} listed so far` : "");
  if (error instanceof ApiError && error.errors.some(({ message }) => message === "Bad page token")) {
    return `${description}; the page token has expired or belongs to other filters: start over without --page-token`;
  }
  // A token may contain any characters. One with control characters cannot be copied from a terminal.
  const canResume = printed > 0 && pageToken !== undefined && pageToken === printable(pageToken);
  const limitAdvice = limit === Infinity ? "" : `set --limit=${limit - printed} and `;
  return description + (canResume ? `; to resume, ${limitAdvice}add --page-token=${quote(pageToken)}` : "");
}

/** Quotes a text for POSIX shells. Most tokens need no quotes, and can be copied to any shell. */
const quote = (text: string) => (/^[\w.~+/=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function readPageToken(text: string): string {
  if (text === "") throw new UsageError("--page-token must not be empty; omit it for the first page");
  return text;
}

function readDelimiter(text: string): string {
  const delimiter = text === "tab" || text === "\\t" ? "\t" : text;
  if ([",", ";", "\t"].includes(delimiter)) return delimiter;
  throw new UsageError(`--delimiter must be a comma, a semicolon or tab, not "${text}"`);
}
