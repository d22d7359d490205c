import { copyError, describeCause } from "./cause.js";
import { type CallContext, MarketError } from "./errors.js";
import { check } from "./check.js";
import type { ApiKey } from "./types.js";

/** Real keys are longer. A shorter one is a placeholder in a test, and may be an ordinary word. */
const minRedactedLength = 8;

/** A function may return a new key for every attempt. Older keys than these are no longer in use. */
const maxRedactedKeys = 100;

export type KeySource = ReturnType<typeof createKeySource>;

/** Provides the API key of a request, and removes the keys that it has provided from strings. */
export function createKeySource(apiKey: ApiKey) {
  let keys: string[] = [];
  /** The forms in which the keys may occur. */
  let secrets: string[] = [];
  const redact = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "[Api-Key]"), text);

  function accept(key: unknown): string {
    const valid = validateApiKey(key);
    if (keys.includes(valid)) return valid;
    keys = [valid, ...keys].slice(0, maxRedactedKeys);
    secrets = keys
      .filter(({ length }) => length >= minRedactedLength)
      .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
      .sort((a, b) => b.length - a.length); // One key may be the beginning of another one.
    return valid;
  }

  async function get(context: CallContext): Promise<string> {
    if (typeof apiKey !== "function") return apiKey;
    try {
      return accept(await apiKey());
    } catch (error) {
      const cause = copyError(error, redact);
      throw new MarketError(context, `the apiKey function failed: ${describeCause(cause)}`, cause);
    }
  }

  if (typeof apiKey !== "function") accept(apiKey);
  return { get, redact };
}

/** @throws TypeError that does not contain the key. */
export function validateApiKey(key: unknown): string {
  const isKey = typeof key === "string" && key !== "";
  check(isKey, "apiKey", "the key from the cabinet, or a function that returns it", key);
  // Stricter than HTTP: other characters are copying errors, and the runtime's own error would show the key.
  check(/^[\x21-\x7e]+$/.test(key), "apiKey", "visible ASCII characters without spaces and line breaks", key);
  return key;
}
