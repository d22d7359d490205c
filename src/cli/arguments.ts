/** Validation of arguments. The messages name the option as the user writes it. */
import { UsageError } from "./output.js";

/** Options of the commands that call the API. */
export const clientOptions = {
  json: { type: "boolean", default: false },
  "allow-http": { type: "boolean", default: false },
} as const;

/** Whether the text is a positive integer that JavaScript can represent. */
export function isId(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number.isSafeInteger(Number(text));
}

/** @throws UsageError if the text is not an integer in the range. */
export function readInteger(option: string, text: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER): number {
  return readNumber(option, text, /^-?\d+$/, "an integer", minimum, maximum);
}

/** @throws UsageError if the text is not a decimal number from 0 to the maximum. */
export function readDecimal(option: string, text: string, maximum: number): number {
  return readNumber(option, text, /^(\d+\.?\d*|\.\d+)$/, "a number", 0, maximum);
}

function readNumber(option: string, text: string, syntax: RegExp, kind: string, minimum: number, maximum: number) {
  const value = Number(text);
  if (syntax.test(text) && value >= minimum && value <= maximum) return value;
  const range = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  throw new UsageError(`${option} must be ${kind} ${range}, not "${text}"`);
}

/**
 * Reads the values of a filter, each once: the API requires that they are unique.
 *
 * The library passes unknown values to the API, which may know more of them than this version. The command rejects them:
 * here, an unknown value is more likely a typo.
 *
 * @throws UsageError that lists the known values.
 */
export function readList<Value extends string>(option: string, texts: string[], known: readonly Value[]): Value[] {
  const values = texts
    .flatMap((text) => text.split(","))
    .map((name) => {
      const value = known.find((candidate) => candidate === name.trim().toUpperCase());
      if (value === undefined) throw new UsageError(`${option} must be one of ${known.join(", ")}, not "${name}"`);
      return value;
    });
  return [...new Set(values)];
}
