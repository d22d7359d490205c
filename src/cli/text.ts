/** Formats values for people. Responses are not trusted to be as documented. */
import measure from "fast-string-truncated-width";

/** Returns a string or number without characters that a terminal could interpret as a command, or "-". */
export function printable(value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ").trim() || "-";
}

/** Returns the number of terminal columns that a text takes. */
export function getWidth(text: string): number {
  return measure(text).width;
}

/** Shortens a text that takes more columns of a terminal than `limit`, and marks that with an ellipsis. */
export function truncate(text: string, limit: number): string {
  const { index, ellipsed } = measure(text, { limit, ellipsis: "…" });
  return text.slice(0, index) + (ellipsed ? "…" : "");
}

/** Formats a date as `2025-09-17 14:05` in the local time zone. Returns a text that is not a date unchanged. */
export function formatLocalTime(text: string): string {
  const date = new Date(Date.parse(text));
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return Number.isNaN(shifted.getTime()) ? printable(text) : shifted.toISOString().slice(0, 16).replace("T", " ");
}

/** In milliseconds. Months and years have their average length. */
const units = [
  ["y", 365.2425 * 86_400_000],
  ["mo", 30.436875 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
] as const;

/** Formats the time since a date as `3m ago`, rounded down. Clocks differ, so up to a minute ahead is `just now` too. */
export function formatTimeAgo(text: string, now = Date.now()): string {
  const passed = now - Date.parse(text);
  if (Number.isNaN(passed)) return "-";
  const [unit, length] = units.find(([, milliseconds]) => Math.abs(passed) >= milliseconds) ?? [];
  if (unit === undefined) return "just now";
  const count = `${Math.trunc(Math.abs(passed) / length)}${unit}`;
  return passed < 0 ? `in ${count}` : `${count} ago`;
}
