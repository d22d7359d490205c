import { type Chat, type ChatsClient, MarketError } from "../index.js";
import { type ChatPrinter, createChatPrinter, formatAmount } from "./chat-printer.js";
import { connect } from "./environment.js";
import { type ListSettings, readListArguments } from "./list-arguments.js";
import { describeError, logToStderr, progress } from "./output.js";
import { printable } from "./text.js";

export async function runList(args: string[]): Promise<void> {
  const settings = readListArguments(args);
  await using connection = await connect(settings.allowHttp);
  const printer = createChatPrinter(settings.format);
  process.on("SIGINT", () => {
    logToStderr(`Stopped: ${formatAmount(printer.printed)} listed.`);
    process.exit(130);
  });
  logToStderr(`Listing ${connection.source}.`);
  try {
    const isTruncated = await (settings.isSorted ? listSorted : listPages)(connection.market, settings, printer);
    await printer.finish();
    if (isTruncated) logToStderr(`The listing ended at --limit ${settings.limit}; there may be more chats.`);
  } catch (error) {
    throw error instanceof MarketError ? new Error(explain(error, printer.printed)) : error;
  }
}

/**
 * Prints each page when it is received, so that a listing of any length needs little memory and starts immediately.
 *
 * @returns Whether there may be more chats than the limit.
 */
async function listPages(market: ChatsClient, settings: ListSettings, printer: ChatPrinter): Promise<boolean> {
  const { filter, limit, pageToken } = settings;
  // The client reduces a limit above the maximum page size to that size.
  for await (const page of market.listChats(filter, { limit, pageToken }).pages()) {
    const chats = page.chats.slice(0, limit - printer.printed);
    await printer.print(chats);
    if (printer.printed === limit) {
      return chats.length < page.chats.length || Boolean(page.paging?.nextPageToken);
    }
    progress.update(printer.printed);
  }
  return false;
}

/** Prints the most recently updated chats first. The API does not sort, so all chats are received before. */
async function listSorted(market: ChatsClient, settings: ListSettings, printer: ChatPrinter): Promise<boolean> {
  const { filter, limit, pageToken } = settings;
  const chats: Chat[] = [];
  for await (const chat of market.listChats(filter, { pageToken })) {
    chats.push(chat);
    progress.update(chats.length);
  }
  const getTime = ({ updatedAt }: Chat) => Date.parse(updatedAt) || 0;
  chats.sort((a, b) => getTime(b) - getTime(a));
  await printer.print(chats.slice(0, limit));
  return chats.length > limit;
}

/** Describes the error and how to resume. */
function explain(error: MarketError, printed: number): string {
  const { pageToken } = error;
  const progressMade = printed > 0 ? `; ${formatAmount(printed)} listed so far` : "";
  // A token may contain any characters. One with control characters cannot be copied from a terminal.
  const canResume = printed > 0 && pageToken !== undefined && pageToken === printable(pageToken);
  return describeError(error) + progressMade + (canResume ? `; to resume, add --page-token=${quote(pageToken)}` : "");
}

/** Quotes a text for POSIX shells. Most tokens need no quotes, and can be copied to any shell. */
function quote(text: string): string {
  return /^[\w.~+/=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
