import { type Chat, chatStatuses, chatTypes } from "../index.js";
import type { Color, Paint } from "./output.js";
import { formatLocalTime, formatTimeAgo, getWidth, printable, truncate } from "./text.js";

/** A chat as it may be received: any field may be missing. */
type ReceivedChat = Partial<Chat>;

interface Column {
  readonly title: string;
  /** Minimum width. */
  readonly width: number;
  readonly value: (chat: ReceivedChat) => unknown;
}

const getMaxLength = (values: readonly string[]) => Math.max(...values.map(({ length }) => length));

const id: Column = { title: "ID", width: 7, value: ({ chatId }) => chatId };
const status: Column = { title: "STATUS", width: getMaxLength(chatStatuses), value: (chat) => chat.status };
const type: Column = { title: "TYPE", width: getMaxLength(chatTypes), value: (chat) => chat.type };
const context: Column = { title: "CONTEXT", width: 17, value: describeContext };
const updated: Column = { title: "UPDATED", width: 8, value: ({ updatedAt = "" }) => formatTimeAgo(updatedAt) };
const localTime: Column = { title: "LOCAL TIME", width: 16, value: ({ updatedAt = "" }) => formatLocalTime(updatedAt) };
const customer: Column = { title: "CUSTOMER", width: 11, value: (chat) => chat.context?.customer?.name };

/**
 * From wide to narrow terminals. 80 columns have room for all but the local time; 60, also without the context. The
 * customer follows as the last column.
 */
const layouts = [
  { gap: "  ", columns: [id, status, type, context, updated, localTime] },
  { gap: "  ", columns: [id, status, type, context, updated] },
  { gap: " ", columns: [id, status, type, context, updated] },
  { gap: " ", columns: [id, status, type, updated] },
];
const narrowestLayout = { gap: " ", columns: [id, status, updated] };

/** Returns the ID of the order. Some responses have it only in the deprecated place. */
export function getOrderId({ context, orderId }: ReceivedChat): number | undefined {
  return context?.orderId ?? orderId;
}

/** Formats a context as `RETURN 8543`. The order of a return is omitted, since the line would become too long. */
export function describeContext(chat: ReceivedChat): string {
  const name = printable(chat.context?.type);
  const contextId = chat.context?.type === "RETURN" ? chat.context.returnId : getOrderId(chat);
  return contextId === undefined ? name : `${name} ${printable(contextId)}`;
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
  const getContentWidth = ({ width, value }: Column) =>
    firstChats.reduce((widest, chat) => Math.max(widest, getWidth(printable(value(chat)))), width);
  const widths = new Map([id, context].map((column) => [column, getContentWidth(column)]));
  const widthOf = (column: Column) => widths.get(column) ?? column.width;
  const fits = ({ gap, columns }: typeof narrowestLayout) =>
    columns.reduce((sum, column) => sum + widthOf(column) + gap.length, customer.width) <= terminalColumns;
  const { gap, columns } = layouts.find(fits) ?? narrowestLayout;

  const formatLine = (getCell: (column: Column) => string) => {
    const cells = columns.map((column) => {
      // An ID is never truncated, so that it can be copied.
      const isWhole = terminalColumns === Infinity || column === id;
      const cell = isWhole ? getCell(column) : truncate(getCell(column), widthOf(column));
      const padded = cell + " ".repeat(Math.max(0, widthOf(column) - getWidth(cell))) + gap;
      return column === status ? paintStatus(paint, padded) : padded;
    });
    const line = cells.join("");
    return line + truncate(getCell(customer), terminalColumns - getWidth(line));
  };
  return {
    header: `${paint(
      "bold",
      formatLine(({ title }) => title),
    )}\n`,
    format: (chat: ReceivedChat) => `${formatLine(({ value }) => printable(value(chat)))}\n`,
  };
}

/** Formats the number of chats by status, in the documented order, followed by unknown statuses and the total. */
export function formatCounts(counts: ReadonlyMap<string, number>): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const names = [...new Set([...chatStatuses, ...counts.keys()])].filter((name) => counts.has(name));
  const rows = [...names.map((name) => [counts.get(name), name]), [total, "total"]];
  return rows.map(([count, name]) => `${String(count).padStart(String(total).length)}  ${name}\n`).join("");
}
