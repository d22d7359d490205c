/** Output of the command: results to stdout, everything else to stderr. */
import type { WriteStream } from "node:tty";
import util from "node:util";
import { createProgress } from "./progress.js";
import { printable } from "./text.js";

export const progress = createProgress(process.stderr);

/** Resolves when stdout accepts more data. */
export function print(text: string): Promise<void> {
  progress.clear();
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}

export function logToStderr(text: string): void {
  progress.clear();
  process.stderr.write(`${text}\n`);
}

/** An invalid argument or environment variable. */
export class UsageError extends Error {}

/** Describes any error in one line, without API keys. */
export function describeError(error: unknown): string {
  const message = printable(error instanceof Error ? error.message : String(error));
  const key = process.env["YANDEX_MARKET_API_KEY"] ?? "";
  // A shorter key is a placeholder, and may be an ordinary word.
  const redacted = key.length >= 8 ? message.replaceAll(key, "[Api-Key]") : message;
  // A key may also have been passed as a wrong argument.
  return redacted.replace(/ACMA:[\w:-]+/g, "[Api-Key]");
}

export type Color = "red" | "green" | "yellow" | "cyan" | "magenta" | "gray" | "bold";
export type Paint = (color: Color, text: string) => string;

/** Colors text if the stream is a terminal with colors and NO_COLOR is not set. */
export function createPaint(stream: WriteStream): Paint {
  const hasColors = !process.env["NO_COLOR"] && stream.isTTY && stream.hasColors();
  // Not a named import: Node.js 20 before 20.12 has no `styleText`.
  const styleText: typeof util.styleText | undefined = util.styleText;
  return (color, text) => (hasColors ? (styleText?.(color, text) ?? text) : text);
}
