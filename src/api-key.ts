import { copyError, describeCause } from "./cause.js";
import { check } from "./check.js";
import { type CallContext, MarketError } from "./errors.js";
import type { ApiKey } from "./types.js";

/** Real keys are longer. A shorter one is a placeholder in a test, and may be an ordinary word. */
const minRedactedLength = 8;

/** Creates a function that removes the key from a string. */
export function createRedactor(key: string | undefined): (text: string) => string {
  if (key === undefined || key.length < minRedactedLength) return (text) => text;
  return (text) => text.replaceAll(key, "[Api-Key]");
}

export type KeySource = ReturnType<typeof createKeySource>;

export function createKeySource(apiKey: ApiKey) {
  if (typeof apiKey !== "function") {
    const key = checkApiKey(apiKey);
    return async () => key;
  }
  let latestKey: string | undefined;

  /** Returns the key for a request. Rejects with a MarketError if the `apiKey` function fails. */
  return async (context: CallContext): Promise<string> => {
    try {
      latestKey = checkApiKey(await apiKey());
      return latestKey;
    } catch (error) {
      const cause = copyError(error, createRedactor(latestKey));
      throw new MarketError(context, `the apiKey function failed: ${describeCause(cause)}`, cause);
    }
  };
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
