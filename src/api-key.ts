import { copyError, describeCause } from "./cause.js";
import { check } from "./check.js";
import { type CallContext, MarketError } from "./errors.js";
import type { ApiKey } from "./types.js";

/** Real keys are longer. A shorter one is a placeholder in a test, and may be an ordinary word. */
const minRedactedLength = 8;

/** A response or error may name a key that has been replaced meanwhile. */
const maxRedactedKeys = 3;

export type KeySource = ReturnType<typeof createKeySource>;

/** Provides the API key, and removes the latest keys from strings. */
export function createKeySource(apiKey: ApiKey) {
  let keys: readonly string[] = typeof apiKey === "function" ? [] : [checkApiKey(apiKey)];

  const redact = (text: string) =>
    keys.reduce((rest, key) => (key.length < minRedactedLength ? rest : rest.replaceAll(key, "[Api-Key]")), text);

  /** Returns the key for a request. Rejects with a MarketError if the `apiKey` function fails. */
  async function getKey(context: CallContext): Promise<string> {
    if (typeof apiKey !== "function") return apiKey;
    try {
      const key = checkApiKey(await apiKey());
      if (!keys.includes(key)) keys = [key, ...keys].slice(0, maxRedactedKeys);
      return key;
    } catch (error) {
      const cause = copyError(error, redact);
      throw new MarketError(context, `the apiKey function failed: ${describeCause(cause)}`, cause);
    }
  }

  return { getKey, redact };
}

/** @throws TypeError that does not contain the key. */
export function checkApiKey(key: unknown): string {
  const isKey = typeof key === "string" && key !== "";
  check(isKey, "apiKey", "the key from the cabinet, or a function that returns it", key);
  // Stricter than HTTP: other characters are copying errors, and the runtime's own error would show the key.
  const expected = "visible ASCII characters without spaces, quotation marks and backslashes";
  check(/^[!#-&(-[\]-_a-~]+$/.test(key), "apiKey", expected, key);
  return key;
}
