import { type Chat, chatStatuses, chatTypes } from "../index.js";
import type { Color, Paint } from "./output.js";
import { formatLocalTime, formatTimeAgo, getWidth, pad, printable, truncate } from "./text.js";

/** A chat as it may be received: any field may be missing. */
type ReceivedChat = Partial<Chat>;

interface Column {
  readonly title: string;
  /** Minimum width. */
  readonly width: number;
  readonly value: (chat: ReceivedChat) => string;
}

function getMaxLength(values: readonly string[]): number {
  return Math.max(...values.map((value) => value.length));
}

const id: Column = { title: "ID", width: 7, value: ({ chatId }) => printable(chatId) };
const status: Column = {
  title: "STATUS",
  width: getMaxLength(chatStatuses),
  value: (chat) => printable(chat.status),
};
const type: Column = { title: "TYPE", width: getMaxLength(chatTypes), value: (chat) => printable(chat.type) };
const context: Column = { title: "CONTEXT", width: 17, value: (chat) => describeContext(chat.context) };
const updated: Column = { title: "UPDATED", width: 8, value: ({ updatedAt = "" }) => formatTimeAgo(updatedAt) };
const localTime: Column = { title: "LOCAL TIME", width: 16, value: ({ updatedAt = "" }) => formatLocalTime(updatedAt) };
const customer: Column = { title: "CUSTOMER", width: 11, value: (chat) => printable(chat.context?.customer?.name) };

/** From wide to narrow terminals. 80 columns have room for all but the local time; 60, also without the context. */
const layouts = [
  { gap: 2, columns: [id, status, type, context, updated, localTime, customer] },
  { gap: 2, columns: [id, status, type, context, updated, customer] },
  { gap: 1, columns: [id, status, type, context, updated, customer] },
  { gap: 1, columns: [id, status, type, updated, customer] },
];
const narrowestLayout = { gap: 1, columns: [id, status, updated, customer] };

/** Formats a context as `RETURN 8543`. The order of a return is omitted, since the line would become too long. */
export function describeContext(received: ReceivedChat["context"]): string {
  const contextId = received?.type === "RETURN" ? received.returnId : received?.orderId;
  return contextId === undefined ? printable(received?.type) : `${printable(received?.type)} ${printable(contextId)}`;
}

/** The color shows who has to act next: yellow for the store, cyan for the customer, magenta for Yandex Market. */
const statusColors = new Map<string, Color>([
  ["NEW", "yellow"],
  ["WAITING_FOR_PARTNER", "yellow"],
  ["WAITING_FOR_CUSTOMER", "cyan"],
  ["WAITING_FOR_ARBITER", "magenta"],
  ["WAITING_FOR_MARKET", "magenta"],
  ["FINISHED", "gray"],
]);

export function paintStatus(paint: Paint, text: string): string {
  const color = statusColors.get(text.trimEnd());
  return color === undefined ? text : paint(color, text);
}

/**
 * Creates a table whose widths fit the first chats: they are printed before the last ones are received.
 *
 * @param terminalColumns - Width of the terminal. `Infinity` for a pipe or file, where nothing is hidden or truncated.
 */
export function createTable(firstChats: readonly ReceivedChat[], terminalColumns: number, paint: Paint) {
  const widths = new Map(
    [id, context].map((column) => [
      column,
      firstChats.reduce((width, chat) => Math.max(width, getWidth(column.value(chat))), column.width),
    ]),
  );
  const widthOf = (column: Column) => widths.get(column) ?? column.width;
  const fits = (layout: typeof narrowestLayout) =>
    layout.columns.reduce((sum, column) => sum + widthOf(column) + layout.gap, -layout.gap) <= terminalColumns;
  const { gap, columns } = layouts.find(fits) ?? narrowestLayout;

  const formatLine = (getCell: (column: Column) => string) => {
    let line = "";
    let used = 0;
    for (const column of columns) {
      // The last column takes the rest of the line. An ID is never truncated, so that it can be copied.
      const width = column === customer ? terminalColumns - used : widthOf(column);
      const isWhole = terminalColumns === Infinity || column === id;
      const cell = isWhole ? getCell(column) : truncate(getCell(column), width);
      const padded = column === customer ? cell : pad(cell, width) + " ".repeat(gap);
      line += column === status ? paintStatus(paint, padded) : padded;
      used += getWidth(padded);
    }
    return line.trimEnd();
  };
  return {
    header: `${paint(
      "bold",
      formatLine(({ title }) => title),
    )}\n`,
    format: (chat: ReceivedChat) => `${formatLine(({ value }) => value(chat))}\n`,
  };
}

/** Formats the number of chats by status, in the documented order, followed by unknown statuses and the total. */
export function formatCounts(counts: ReadonlyMap<string, number>): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const names = [...new Set([...chatStatuses, ...counts.keys()])].filter((name) => counts.has(name));
  const rows = [...names.map((name) => [counts.get(name), name]), [total, "total"]];
  return rows.map(([count, name]) => `${String(count).padStart(String(total).length)}  ${name}\n`).join("");
}
