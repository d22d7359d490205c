/** Output of the command: results to stdout, everything else to stderr. */

const colorCodes = { bold: 1, red: 31, green: 32, yellow: 33, magenta: 35, cyan: 36, gray: 90 };

export type Color = keyof typeof colorCodes;

/** Colors a text for stdout, if it is a terminal with colors and NO_COLOR is not set. */
export function paint(color: Color, text: string): string {
  const hasColors = !process.env["NO_COLOR"] && process.stdout.isTTY && process.stdout.hasColors();
  return hasColors ? `\x1b[${colorCodes[color]}m${text}\x1b[0m` : text;
}

/**
 * Returns a string or number without characters that a terminal could interpret as a command, or "-". Responses are not
 * trusted to be as documented.
 */
export function printable(value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ").trim() || "-";
}

/** Returns the escape sequence that erases the progress, if there is a terminal. */
const getEraseSequence = () => (process.stderr.isTTY ? "\r\x1b[K" : "");

/** Resolves when the text has been written. */
export function writeToStdout(text: string): Promise<void> {
  process.stderr.write(getEraseSequence());
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}

export function logToStderr(text: string): void {
  process.stderr.write(`${getEraseSequence()}${text}\n`);
}

let reported = 0;

/** Shows the number of chats: on a terminal until the next output, elsewhere in a line for every 1000 chats. */
export function showProgress(chats: number): void {
  const text = `${chats} chats so far`;
  if (process.stderr.isTTY) process.stderr.write(getEraseSequence() + text);
  if (process.stderr.isTTY || chats - reported < 1000) return;
  logToStderr(text);
  reported = chats;
}

/** An invalid argument or environment variable. */
export class UsageError extends Error {}

/** Describes any error in one line. Redacts API keys, which may have been passed as a wrong argument. */
export function describeError(error: unknown): string {
  const message = printable(error instanceof Error ? error.message : String(error));
  const key = process.env["YANDEX_MARKET_API_KEY"] ?? "";
  // A shorter key is a placeholder, and may be an ordinary word.
  const redacted = key.length >= 8 ? message.replaceAll(key, "[Api-Key]") : message;
  return redacted.replace(/ACMA:[\w:-]+/g, "[Api-Key]");
}

/** Names options of the library in the message of an error as the user of the command knows them. */
export function toUsageError(error: unknown, names: Readonly<Record<string, string>>): UsageError {
  const rename = (message: string, [option, name]: [string, string]) =>
    message.replace(new RegExp(`^${option}\\b|\\b${option}(?= permits)`), name);
  return new UsageError(Object.entries(names).reduce(rename, describeError(error)));
}
