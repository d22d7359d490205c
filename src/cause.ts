import { isRecord } from "./check.js";

/** Errors of runtimes have fewer levels. A chain of causes may contain itself. */
const maxDepth = 4;

/**
 * Copies the name, message, code, stack and causes of a thrown value, and nothing else: errors of HTTP libraries often
 * carry the request, and with it the key. `instanceof Error` would be false for errors of another realm.
 */
export function copyError(thrown: unknown, redact: (text: string) => string, depth = 0): Error {
  try {
    if (!isRecord(thrown)) return new Error(typeof thrown === "string" ? redact(thrown) : `a thrown ${typeof thrown}`);
    const { name, message = "", code, stack, cause, errors } = thrown;
    const copyNested = (nested: unknown) => copyError(nested, redact, depth + 1);
    const isDeepest = depth === maxDepth;
    const options = cause === undefined || isDeepest ? {} : { cause: copyNested(cause) };
    const copy = new Error(redact(String(message)), options);
    // An AggregateError: "localhost" has two addresses, and neither accepts the connection.
    if (Array.isArray(errors) && !isDeepest) Object.assign(copy, { errors: errors.map(copyNested) });
    for (const [key, value] of Object.entries({ name, code, stack })) {
      if (typeof value === "string") Object.defineProperty(copy, key, { value: redact(value), configurable: true });
    }
    return copy;
  } catch {
    return new Error("an error that cannot be read");
  }
}

/** Joins the messages of an error and its causes. */
export function describeCause(error: Error & { readonly errors?: unknown; readonly code?: unknown }): string {
  const errors = Array.isArray(error.errors) ? error.errors.filter((nested) => nested instanceof Error) : [];
  const own = error.message || errors.map(describeCause).join(", ") || String(error.code ?? error.name);
  return error.cause instanceof Error ? `${own}: ${describeCause(error.cause)}` : own;
}
