/** Checks of arguments. A message names the argument and the expected value. */

/** @throws TypeError unless the check holds. */
export function check(holds: boolean, name: string, expected: string, value: unknown): asserts holds {
  if (!holds) throw new TypeError(createMessage(name, expected, value));
}

/** @throws RangeError unless the check holds. */
export function checkRange(holds: boolean, name: string, expected: string, value: unknown): asserts holds {
  if (!holds) throw new RangeError(createMessage(name, expected, value));
}

function createMessage(name: string, expected: string, value: unknown): string {
  return `${name} must be ${expected}, not ${describe(value)}`;
}

/** Shows no string: it may be the API key, passed as the wrong argument. */
function describe(value: unknown): string {
  if (typeof value === "string") return value === "" ? "an empty string" : "this string";
  if (typeof value === "bigint") return "a BigInt";
  if (Number.isNaN(value)) return "NaN: is the environment variable set?";
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  return Object(value) === value ? getTag(value) : String(value);
}

/** For example "[object Promise]". */
function getTag(value: unknown): string {
  return Object.prototype.toString.call(value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function checkInteger(name: string, value: unknown, minimum = 1, maximum = Number.MAX_SAFE_INTEGER): number {
  const expected = `an integer from ${minimum} to ${maximum}`;
  const advice = typeof value === "string" || typeof value === "bigint" ? " (convert it with Number())" : "";
  check(typeof value === "number", name, expected + advice, value);
  checkRange(Number.isSafeInteger(value) && value >= minimum && value <= maximum, name, expected, value);
  return value;
}

/** @param value - In milliseconds. The maximum is the longest delay of `setTimeout`. */
export function checkDelay(name: string, value: unknown, minimum: number): number {
  return checkInteger(name, typeof value === "number" ? Math.ceil(value) : value, minimum, 2 ** 31 - 1);
}

/**
 * Returns the known properties of an object or class instance, getters included. Rejects objects that have no own
 * properties but were passed by mistake: a Promise, a Map, an AbortSignal.
 */
export function checkObject(name: string, value: unknown, knownKeys: readonly string[]): Record<string, unknown> {
  check(isRecord(value) && getTag(value) === "[object Object]" && !("then" in value), name, "an object", value);
  checkKeys(name, value, knownKeys);
  const result: Record<string, unknown> = {};
  // Own keys first: their order is part of the request.
  for (const key of [...Object.keys(value), ...knownKeys]) {
    const property = key in result ? undefined : value[key];
    if (property !== undefined) result[key] = property;
  }
  return result;
}

/** Rejects unknown keys: ignoring a misspelled one would drop the filter or restart the listing. */
export function checkKeys(name: string, value: object, knownKeys: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !knownKeys.includes(key));
  if (unknown === undefined) return;
  // Only a name is shown: another string may be the API key.
  const shown = /^\w{1,40}$/.test(unknown) ? `${name}.${unknown}` : `a property of ${name}`;
  throw new TypeError(`${shown} is unknown; known are ${knownKeys.join(", ")}`);
}
