/** Chats as lines of text. Answers are shown as they come, so nothing here trusts them to be as documented. */
import { type Chat, chatStatuses, chatTypes } from "../../src/index.js";

interface Column {
  title: string;
  /** A wider value is shown whole and moves the rest of its line. */
  width: number;
  value: (chat: Chat, now: number) => string;
}

/** 98 characters in all. The widths are fixed, since the first line goes out before the last chat has come. */
const columns: readonly Column[] = [
  { title: "ID", width: 10, value: ({ chatId }) => printable(chatId) },
  { title: "TYPE", width: widest(chatTypes), value: ({ type }) => printable(type) },
  { title: "STATUS", width: widest(chatStatuses), value: ({ status }) => printable(status) },
  { title: "CONTEXT", width: 18, value: ({ context }) => describeContext(context) },
  { title: "UPDATED", width: 16, value: ({ updatedAt }) => localTime(updatedAt) },
  { title: "AGO", width: 15, value: ({ updatedAt }, now) => timeAgo(updatedAt, now) },
];

export const tableHeader = line(columns.map(({ title }) => title));

export function tableRow(chat: Chat, now: number): string {
  return line(columns.map(({ value }) => value(chat, now)));
}

function line(cells: string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(columns[index]?.width ?? 0))
    .join("  ")
    .trimEnd();
}

function widest(values: readonly string[]): number {
  return Math.max(...values.map((value) => value.length));
}

/** How many chats there are of each status, those with a documented one in the documented order, and of all. */
export function statusCounts(counts: ReadonlyMap<string, number>): string[] {
  const statuses = [...new Set([...chatStatuses, ...counts.keys()])].filter((status) => counts.has(status));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const width = String(total).length;
  return [...statuses.map((status) => `${String(counts.get(status)).padStart(width)}  ${status}`), `${total}  in all`];
}

/** As in `RETURN 8543`. The ID of a return's order is left to `--json`: the line would outgrow a terminal. */
function describeContext(context: Chat["context"] | undefined): string {
  const id = context?.type === "RETURN" ? context.returnId : context?.orderId;
  return id === undefined ? printable(context?.type) : `${printable(context?.type)} ${printable(id)}`;
}

/** As in `2025-09-17 14:05`, in this machine's time zone. A text that is no date is shown as it is. */
export function localTime(text: string): string {
  const date = new Date(Date.parse(text));
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return Number.isNaN(shifted.getTime()) ? printable(text) : shifted.toISOString().slice(0, 16).replace("T", " ");
}

/** In milliseconds. A month and a year are of average length. */
const units = [
  ["year", 365.2425 * 86_400_000],
  ["month", 30.436875 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

const relativeTime = new Intl.RelativeTimeFormat("en");

/** As in `3 minutes ago`, rounded down. The clocks may differ: what is to come within a minute is `just now` as well. */
export function timeAgo(text: string, now: number): string {
  const passed = now - Date.parse(text);
  if (Number.isNaN(passed)) {
    return "-";
  }
  const [unit, length] = units.find(([, milliseconds]) => Math.abs(passed) >= milliseconds) ?? [];
  return unit === undefined ? "just now" : relativeTime.format(-Math.trunc(passed / length), unit);
}

/** The chat as one line. What a terminal could take for a command or a program for a line's end is escaped. */
export function jsonLine(chat: Chat): string {
  return JSON.stringify(chat).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A text or number from elsewhere as part of a line: without what a terminal could take for a command. */
export function printable(value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ").trim() || "-";
}
