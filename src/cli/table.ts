/** Chats for people: a table, or all fields of one chat. */
import measure from "fast-string-truncated-width";
import type { Chat } from "../index.js";
import { type Color, paint, printable } from "./output.js";

/** A chat as it may be received: any field may be missing. */
type ReceivedChat = Partial<Chat>;

interface Column {
  readonly title: string;
  /** Width of the longest documented value, or of a usual one. */
  readonly width: number;
  /** Width of the narrowest terminal in which the column is shown. */
  readonly minTerminal: number;
  readonly format: (chat: ReceivedChat) => string;
}

/** Width from which a terminal has room for all columns. */
const wideTerminal = 110;

const columns: readonly Column[] = [
  { title: "ID", width: 9, minTerminal: 0, format: ({ chatId }) => printable(chatId) },
  { title: "STATUS", width: 20, minTerminal: 0, format: ({ status }) => printable(status) },
  { title: "TYPE", width: 9, minTerminal: 60, format: ({ type }) => printable(type) },
  { title: "CONTEXT", width: 17, minTerminal: 80, format: formatContext },
  { title: "UPDATED", width: 8, minTerminal: 0, format: ({ updatedAt }) => formatTimeAgo(updatedAt) },
  { title: "LOCAL TIME", width: 16, minTerminal: wideTerminal, format: ({ updatedAt }) => formatLocalTime(updatedAt) },
  { title: "CUSTOMER", width: 8, minTerminal: 0, format: ({ context }) => printable(context?.customer?.name) },
];

/** Returns the ID of the order. Some responses have it only in the deprecated place. */
export const getOrderId = ({ context, orderId }: ReceivedChat) => context?.orderId ?? orderId;

/** Formats a context as `RETURN 8543`. The order of a return is omitted, since the line would become too long. */
function formatContext(chat: ReceivedChat): string {
  const name = printable(chat.context?.type);
  const contextId = chat.context?.type === "RETURN" ? chat.context.returnId : getOrderId(chat);
  return contextId === undefined ? name : `${name} ${printable(contextId)}`;
}

/** The color shows who has to act next: yellow for the store, cyan for the customer, magenta for Yandex Market. */
const statusColors = new Map<string | undefined, Color>([
  ["NEW", "yellow"],
  ["WAITING_FOR_PARTNER", "yellow"],
  ["WAITING_FOR_CUSTOMER", "cyan"],
  ["WAITING_FOR_ARBITER", "magenta"],
  ["WAITING_FOR_MARKET", "magenta"],
  ["FINISHED", "gray"],
]);

/** Colors the status of a chat in a text. */
function paintStatus(text: string, { status }: ReceivedChat): string {
  const color = statusColors.get(status);
  return status === undefined || color === undefined ? text : text.replace(status, paint(color, status));
}

/** Returns the number of terminal columns that a text takes. */
const getWidth = (text: string) => measure(text).width;

const padEnd = (text: string, width: number) => text.padEnd(width + text.length - getWidth(text));

/** Shortens a text that takes more columns of a terminal than `limit`, and marks that with an ellipsis. */
function truncate(text: string, limit: number): string {
  if (getWidth(text) <= limit) return text;
  const characters = [...text].slice(0, limit);
  while (getWidth(characters.join("")) >= limit) characters.pop();
  return `${characters.join("")}…`;
}

/**
 * Creates a table with fixed widths, so that each chat is printed as soon as it is received. A longer value moves the
 * rest of its line.
 *
 * @param terminalWidth - `Infinity` for a pipe or file, where nothing is hidden or truncated.
 */
export function createTable(terminalWidth: number) {
  const gap = terminalWidth < wideTerminal ? " " : "  ";
  const shown = columns.filter(({ minTerminal }) => minTerminal <= terminalWidth);

  function formatLine(getCell: (column: Column) => string): string {
    const cells = shown.map((column) => padEnd(getCell(column), column.width));
    return truncate(cells.join(gap).trimEnd(), terminalWidth);
  }

  const header = formatLine(({ title }) => title);
  const formatChat = (chat: ReceivedChat) => formatLine(({ format }) => format(chat));
  return {
    header: `${paint("bold", header)}\n`,
    format: (chat: ReceivedChat) => `${paintStatus(formatChat(chat), chat)}\n`,
  };
}

/** Formats all fields of a chat. */
export function describeChat(chat: ReceivedChat): string {
  const { chatId, status, type, context, createdAt, updatedAt } = chat;
  const formatTime = (text: string | undefined) => `${formatLocalTime(text)}, ${formatTimeAgo(text)}`;
  const values = {
    Status: paintStatus(printable(status), chat),
    Type: printable(type),
    Context: formatContext(chat),
    Order: printable(getOrderId(chat)),
    Store: printable(context?.campaignId),
    Customer: printable(context?.customer?.name),
    "Customer ID": printable(context?.customer?.publicId),
    Created: formatTime(createdAt),
    Updated: formatTime(updatedAt),
  };
  const lines = Object.entries(values).map(([name, value]) => `${name.padEnd(11)}  ${value}\n`);
  return `${paint("bold", `Chat ${printable(chatId)}`)}\n\n${lines.join("")}`;
}

/** Formats a date as `2025-09-17 14:05` in the local time zone. Any other text is only made printable. */
export function formatLocalTime(text = ""): string {
  const date = new Date(Date.parse(text));
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return Number.isNaN(shifted.getTime()) ? printable(text) : shifted.toISOString().slice(0, 16).replace("T", " ");
}

/** In milliseconds. Months and years have their average length. */
const units = { y: 31_556_952_000, mo: 2_629_746_000, d: 86_400_000, h: 3_600_000, m: 60_000 };

/** Formats the time since a date as `3m ago`, rounded down. Clocks differ, so a date in the future is `just now`. */
export function formatTimeAgo(text = "", now = Date.now()): string {
  const passed = now - Date.parse(text);
  if (Number.isNaN(passed)) return "-";
  const largest = Object.entries(units).find(([, length]) => passed >= length);
  if (largest === undefined) return "just now";
  const [unit, length] = largest;
  return `${Math.floor(passed / length)}${unit} ago`;
}
