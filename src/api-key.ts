import { copyError, describeCause } from "./cause.js";
import { type CallContext, MarketError } from "./errors.js";
import { check } from "./options.js";
import type { ApiKey } from "./types.js";

/** Real keys are longer. A shorter one is a placeholder in a test, and may be an ordinary word. */
const minRedactedLength = 8;

/** A function may return a new key for every attempt. Older keys than these are no longer in use. */
const maxRedactedKeys = 100;

export type KeySource = ReturnType<typeof createKeySource>;

/** Provides the API key of a request, and removes the keys that it has provided from strings. */
export function createKeySource(apiKey: ApiKey) {
  let keys = typeof apiKey === "function" ? [] : [validateApiKey(apiKey)];

  const get = async (context: CallContext): Promise<string> => {
    if (typeof apiKey !== "function") return apiKey;
    try {
      const key = validateApiKey(await apiKey());
      if (!keys.includes(key)) keys = [key, ...keys].slice(0, maxRedactedKeys);
      return key;
    } catch (error) {
      const cause = copyError(error, redact);
      throw new MarketError(context, `the apiKey function failed: ${describeCause(cause)}`, cause);
    }
  };
  const redact = (text: string): string =>
    keys
      .filter(({ length }) => length >= minRedactedLength)
      .flatMap((key) => [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])
      .sort((a, b) => b.length - a.length) // One key may be the beginning of another one.
      .reduce((rest, key) => rest.replaceAll(key, "[Api-Key]"), text);
  return { get, redact };
}

/** @throws TypeError that does not contain the key. */
export function validateApiKey(key: unknown): string {
  check(
    typeof key === "string" && key !== "",
    "apiKey",
    "the key from the cabinet, or a function that returns it",
    key,
  );
  // Stricter than HTTP: other characters are copying errors, and the runtime's own error would show the key.
  check(/^[\x21-\x7e]+$/.test(key), "apiKey", "visible ASCII characters without spaces and line breaks", key);
  return key;
}
