/** All that handles the key, apart from the line of exchange.ts that sends it. */
import { kindOf } from "./options.js";

/** The key itself, or a function that is asked for it before every request, so that it can be rotated. */
export type ApiKey = string | (() => string | Promise<string>);

/**
 * @param refusal - Makes the error for what is no key. A TypeError, if left out.
 * @throws That error, without a word of the key in it.
 */
export function checkKey(key: unknown, refusal = (message: string): Error => new TypeError(message)): string {
  if (typeof key !== "string" || key === "") {
    throw refusal(`apiKey must be the token from the cabinet, or a function that returns it, not ${kindOf(key)}`);
  }
  // Stricter than a header needs: what lies beyond visible ASCII in a token got there by copying. It must not reach
  // the runtime either, whose complaint about a header value would print the key.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw refusal("apiKey must be the token from the cabinet: visible ASCII characters, without spaces or line breaks");
  }
  return key;
}

/** So many characters of a key in a row give it away, and no ordinary text has them by chance. */
const tellingLength = 12;

/**
 * A function that blots the key out of a text: as it is, as a URL or Base64 would have it, in capitals or small
 * letters, whole or in parts.
 */
export function redactor(key: string): (text: string) => string {
  // The Market's tokens are long. A short one stands in for a key in somebody's test, and may be an ordinary word.
  if (key.length < 8) {
    return (text) => text;
  }
  let pattern: RegExp | undefined;
  return (text) => text.replace((pattern ??= keyPattern(key)), "[Api-Key]");
}

function keyPattern(key: string): RegExp {
  const inJson = JSON.stringify(key).slice(1, -1);
  // Base64 looks different for each of the three places within its groups where the key may begin.
  const inBase64 = ["", " ", "  "].map((prefix) => btoa(prefix + key).slice(prefix === "" ? 0 : 4));
  const forms = [key, encodeURIComponent(key), inJson, JSON.stringify(inJson).slice(1, -1), ...inBase64];
  const parts = forms.flatMap((form) => {
    const length = Math.min(tellingLength, form.length);
    return Array.from({ length: form.length - length + 1 }, (_, start) => form.slice(start, start + length));
  });
  const alternatives = [...forms, ...parts].map((text) => text.replace(/\W/g, "\\$&"));
  return new RegExp(alternatives.join("|"), "gi");
}

/**
 * A copy of what the runtime or an injected function threw: names, messages, codes and stacks, and nothing else.
 * Errors of HTTP libraries like to carry the request, and with it the key.
 */
export function safeCause(thrown: unknown, redact: (text: string) => string, depth = 0): Error {
  const safe = (value: unknown) => (typeof value === "string" ? redact(value) : "");
  try {
    if (!(thrown instanceof Error)) {
      return new Error(safe(thrown) || `a thrown ${typeof thrown}`);
    }
    const { name, message, stack, cause } = thrown;
    const nested = cause === undefined || depth === 4 ? undefined : safeCause(cause, redact, depth + 1);
    const copy = new Error(safe(message), nested && { cause: nested });
    copy.name = safe(name);
    copy.stack = safe(stack);
    return "code" in thrown && typeof thrown.code === "string"
      ? Object.assign(copy, { code: safe(thrown.code) })
      : copy;
  } catch {
    return new Error("an error that cannot be read"); // a getter of it threw
  }
}

/** What an error and its causes say, in one line. */
export function describeCause(error: Error): string {
  const own = error.message || ("code" in error ? String(error.code) : error.name);
  return error.cause instanceof Error ? `${own}: ${describeCause(error.cause)}` : own;
}
