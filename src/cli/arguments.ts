/** Validation of arguments. The messages name the option as the user writes it. */
import { UsageError } from "./output.js";

const decimal = /^-?(\d+\.?\d*|\.\d+)$/;

/** Returns a function that reads a number. It throws a UsageError if the text is not a number in the range. */
export function number(option: string, minimum: number, maximum: number, kind = "a number", pattern = decimal) {
  return (text: string): number => {
    const value = Number(text);
    if (pattern.test(text) && value >= minimum && value <= maximum) return value;
    const range = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
    throw new UsageError(`${option} must be ${kind} ${range}, not "${text}"`);
  };
}

export const integer = (option: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  number(option, minimum, maximum, "an integer", /^-?\d+$/);

/** Reads the ID of a cabinet. The error does not show the text: it may be the key, in the wrong place. */
export function readBusinessId(option: string, text: string): number {
  const businessId = Number(text);
  if (/^\d+$/.test(text) && businessId >= 1 && Number.isSafeInteger(businessId)) return businessId;
  throw new UsageError(`${option} must be a positive integer, the ID of the cabinet`);
}

/**
 * Returns a function that reads values of a filter, separated by commas, and adds them to the previous ones. Each value
 * occurs once: the API requires that they are unique.
 *
 * The library passes unknown values to the API, which may know more of them than this version. The command rejects
 * them: here, an unknown value is more likely a typo.
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
