/** Validation of arguments. The messages name the option as the user writes it. */
import { UsageError } from "./output.js";

/** Whether the text is a positive integer that JavaScript can represent. */
export function isId(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number.isSafeInteger(Number(text));
}

/** Returns a function that reads an integer. It throws a UsageError if the text is not an integer in the range. */
export function integer(option: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => readNumber(option, text, /^-?\d+$/, "an integer", minimum, maximum);
}

/** Returns a function that reads a decimal number from 0 to the maximum. */
export function decimal(option: string, maximum: number) {
  return (text: string): number => readNumber(option, text, /^(\d+\.?\d*|\.\d+)$/, "a number", 0, maximum);
}

function readNumber(option: string, text: string, syntax: RegExp, kind: string, minimum: number, maximum: number) {
  const value = Number(text);
  if (syntax.test(text) && value >= minimum && value <= maximum) return value;
  const range = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  throw new UsageError(`${option} must be ${kind} ${range}, not "${text}"`);
}

/**
 * Returns a function that reads values of a filter, separated by commas, and adds them to the previous ones. Each value
 * occurs once: the API requires that they are unique.
 *
 * The library passes unknown values to the API, which may know more of them than this version. The command rejects them:
 * here, an unknown value is more likely a typo.
 */
export function listOf<Value extends string>(option: string, known: readonly Value[]) {
  return (text: string, previous: readonly Value[] = []): readonly Value[] => {
    const values = text.split(",").map((name) => {
      const value = known.find((candidate) => candidate === name.trim().toUpperCase());
      if (value === undefined) throw new UsageError(`${option} must be one of ${known.join(", ")}, not "${name}"`);
      return value;
    });
    return [...new Set([...previous, ...values])];
  };
}
