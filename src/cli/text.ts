/** Formats values for people. Responses are not trusted to be as documented. */

/** Returns a string or number without characters that a terminal could interpret as a command, or "-". */
export function printable(value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ").trim() || "-";
}

/** Characters that take two columns of a terminal: East Asian wide and fullwidth ones, and emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

const segmenter = new Intl.Segmenter();

function splitCharacters(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** Returns the number of terminal columns that a printable text takes. */
export function getWidth(text: string): number {
  return splitCharacters(text).reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);
}

export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - getWidth(text)));
}

/** Shortens a text that is wider than `width`, and marks that with an ellipsis. */
export function truncate(text: string, width: number): string {
  if (getWidth(text) <= width) return text;
  let used = 1;
  const kept = splitCharacters(text).filter((character) => (used += getWidth(character)) <= width);
  return width < 1 ? "" : `${kept.join("")}…`;
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
