/** All that handles the key outside the one line of the transport that sends it. */

/** The key itself, or a function that is asked for it before every request, so that it can be rotated. */
export type ApiKey = string | (() => string | Promise<string>);

/** @throws TypeError, without a word of the key in it. */
export function checkKey(key: unknown): string {
  // Stricter than a header needs: what lies beyond visible ASCII in a token got there by copying. It must not reach
  // the runtime either, whose complaint about a header value would print the key.
  if (typeof key !== "string" || !/^[\x21-\x7e]+$/.test(key)) {
    throw new TypeError(
      "apiKey must be the token from the cabinet: visible ASCII characters, without spaces or line breaks",
    );
  }
  return key;
}

/** A function that blots the key out of a text, in whatever encoding a URL would give it. */
export function redactor(key: string): (text: string) => string {
  // The Market's tokens are long. A short one stands in for a key in somebody's test, and may be an ordinary word.
  if (key.length < 8) {
    return (text) => text;
  }
  return (text) => text.replaceAll(key, "[Api-Key]").replaceAll(encodeURIComponent(key), "[Api-Key]");
}

/**
 * A copy of what the runtime or an injected function threw: names, messages, codes and stacks, and nothing else.
 * Errors of HTTP libraries like to carry the request, and with it the key.
 */
export function safeCause(thrown: unknown, redact: (text: string) => string, depth = 0): Error {
  if (!(thrown instanceof Error)) {
    return new Error(redact(typeof thrown === "string" ? thrown : `a thrown ${typeof thrown}`));
  }
  const nested = thrown.cause === undefined || depth === 4 ? undefined : safeCause(thrown.cause, redact, depth + 1);
  const copy = new Error(redact(thrown.message), nested && { cause: nested });
  copy.name = redact(thrown.name);
  copy.stack = redact(thrown.stack ?? "");
  return "code" in thrown && typeof thrown.code === "string"
    ? Object.assign(copy, { code: redact(thrown.code) })
    : copy;
}

/** What an error and its causes say, in one line. */
export function describeCause(error: Error): string {
  const own = error.message || ("code" in error ? String(error.code) : error.name);
  return error.cause instanceof Error ? `${own}: ${describeCause(error.cause)}` : own;
}
