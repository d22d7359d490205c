import { type Chat, chatStatuses, chatTypes } from "../index.js";
import type { Color, Paint } from "./output.js";
import { formatLocalTime, formatTimeAgo, getWidth, pad, printable, truncate } from "./text.js";

/** A chat as it may be received: any field may be missing. */
type ReceivedChat = Partial<Chat>;

interface Column {
  readonly title: string;
  /** Minimum width. For some columns, the first chats may widen it. */
  readonly width: number;
  readonly value: (chat: ReceivedChat, now: number) => string;
}

const columns = {
  id: { title: "ID", width: 7, value: ({ chatId }) => printable(chatId) },
  status: { title: "STATUS", width: getMaxLength(chatStatuses), value: ({ status }) => printable(status) },
  type: { title: "TYPE", width: getMaxLength(chatTypes), value: ({ type }) => printable(type) },
  context: { title: "CONTEXT", width: 17, value: ({ context }) => describeContext(context) },
  updated: { title: "UPDATED", width: 8, value: ({ updatedAt = "" }, now) => formatTimeAgo(updatedAt, now) },
  localTime: { title: "LOCAL TIME", width: 16, value: ({ updatedAt = "" }) => formatLocalTime(updatedAt) },
  customer: { title: "CUSTOMER", width: 11, value: ({ context }) => printable(context?.customer?.name) },
} as const satisfies Record<string, Column>;

const { id, status, type, context, updated, localTime, customer } = columns;

interface Layout {
  /** Number of spaces between columns. */
  readonly gap: number;
  readonly columns: readonly Column[];
}

/** From wide to narrow terminals. 80 columns have room for all but the local time; 60, also without the context. */
const layouts: readonly Layout[] = [
  { gap: 2, columns: [id, status, type, context, updated, localTime, customer] },
  { gap: 2, columns: [id, status, type, context, updated, customer] },
  { gap: 1, columns: [id, status, type, context, updated, customer] },
  { gap: 1, columns: [id, status, type, updated, customer] },
];

const narrowestLayout: Layout = { gap: 1, columns: [id, status, updated, customer] };

function getMaxLength(values: readonly string[]): number {
  return Math.max(...values.map((value) => value.length));
}

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

export interface Table {
  readonly header: string;
  readonly formatRow: (chat: ReceivedChat, now: number) => string;
}

/**
 * Creates a table whose widths fit the first chats: they are printed before the last ones are received.
 *
 * @param terminalColumns - Width of the terminal. `Infinity` for a pipe or file, where nothing is hidden or truncated.
 */
export function createTable(firstChats: readonly ReceivedChat[], terminalColumns: number, paint: Paint): Table {
  const widthOf = ({ width, value }: Column) =>
    firstChats.reduce((widest, chat) => Math.max(widest, getWidth(value(chat, 0))), width);
  const idWidth = widthOf(id);
  const contextWidth = widthOf(context);
  const getColumnWidth = (column: Column) =>
    column === id ? idWidth : column === context ? contextWidth : column.width;
  const fits = (layout: Layout) =>
    layout.columns.reduce((sum, column) => sum + getColumnWidth(column) + layout.gap, -layout.gap) <= terminalColumns;
  const layout = layouts.find(fits) ?? narrowestLayout;

  const formatLine = (getCell: (column: Column) => string, paintCell: (column: Column, text: string) => string) => {
    let line = "";
    let used = 0;
    for (const column of layout.columns) {
      // The last column takes the rest of the line. An ID is never truncated, so that it can be copied.
      const width = column === customer ? Math.max(0, terminalColumns - used) : getColumnWidth(column);
      const isWhole = terminalColumns === Infinity || column === id;
      const cell = isWhole ? getCell(column) : truncate(getCell(column), width);
      const padded = column === customer ? cell : pad(cell, width) + " ".repeat(layout.gap);
      line += paintCell(column, padded);
      used += getWidth(padded);
    }
    return line.trimEnd();
  };

  return {
    header: formatLine(
      ({ title }) => title,
      (_, text) => paint("bold", text),
    ),
    formatRow: (chat, now) =>
      formatLine(
        ({ value }) => value(chat, now),
        (column, text) => (column === status ? paintStatus(paint, text) : text),
      ),
  };
}

/** Formats the number of chats by status, in the documented order, followed by unknown statuses and the total. */
export function formatCounts(counts: ReadonlyMap<string, number>): string[] {
  const statuses = [...new Set([...chatStatuses, ...counts.keys()])].filter((name) => counts.has(name));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const width = String(total).length;
  return [...statuses.map((name) => `${String(counts.get(name)).padStart(width)}  ${name}`), `${total}  total`];
}
