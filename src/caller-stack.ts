import { MarketError } from "./errors.js";

/**
 * Awaits a promise for a caller. If it rejects, the stack of the error then contains the caller: between the two lie more
 * frames than a stack trace holds, and nobody may have awaited the promise when the error was created. An abort reason is
 * left as it is, even if it is a MarketError.
 */
export async function withCallerStack<Value>(promise: Promise<Value>, signal?: AbortSignal): Promise<Value> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof MarketError && error !== signal?.reason) Error.captureStackTrace?.(error);
    throw error;
  }
}
