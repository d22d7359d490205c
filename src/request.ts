import { abortable, throwIfAborted } from "./abort.js";
import type { KeySource } from "./api-key.js";
import { copyError, describeCause } from "./cause.js";
import { type CallContext, ConnectionError, TimeoutError } from "./errors.js";
import { apiKeyHeader } from "./generated/constants.js";
import type { RequestShim } from "./openapi-fetch-adapter.js";
import { getInstant } from "./quota.js";
import { type ParsedResponse, parseResponse } from "./response.js";
import type { Fetch } from "./types.js";

/**
 * Sends a request once. The timeout includes the `apiKey` function and the response body.
 *
 * @returns `received` rejects with a ConnectionError, a TimeoutError, the error of the `apiKey` function, or the signal's
 * `reason`. `settled` resolves when `fetch` and the body have settled: later, if `fetch` ignores its signal.
 */
export function sendRequest(
  { url, init }: RequestShim,
  context: CallContext,
  settings: { keySource: KeySource; fetch?: Fetch | undefined },
  timeout: number,
  signal: AbortSignal | undefined,
) {
  const controller = new AbortController();
  let fetched: Promise<ParsedResponse> | undefined;

  async function fetchResponse(key: string): Promise<ParsedResponse> {
    try {
      const headers = new Headers(init.headers);
      headers.set(apiKeyHeader, key);
      // Looked up for every request, so that a fetch installed later is used: a test double, tracing.
      const fetch: Fetch = settings.fetch ?? globalThis.fetch;
      const response = await fetch(url, { ...init, headers, redirect: "manual", signal: controller.signal });
      const receivedAt = getInstant();
      if (controller.signal.aborted) await response.body?.cancel(); // This fetch ignores its signal.
      const text: unknown = await response.text();
      if (typeof text !== "string") throw new TypeError("the body is not a string");
      return parseResponse(response, receivedAt, text, context);
    } catch (error) {
      const cause = copyError(error, context.redact);
      throw new ConnectionError(context, `no complete response: ${describeCause(cause)}`, cause);
    }
  }

  async function exchange(): Promise<ParsedResponse> {
    const key = await settings.keySource.get(context);
    throwIfAborted(signal); // The controller is aborted a moment later.
    controller.signal.throwIfAborted();
    fetched = fetchResponse(key);
    return await fetched;
  }

  const received = abortable<ParsedResponse>(signal, (resolve, reject) => {
    const expire = () => reject(new TimeoutError(context, `no complete response within ${timeout} ms`));
    const timer = setTimeout(expire, timeout);
    exchange().then(resolve, reject);
    return () => clearTimeout(timer);
  });
  received.catch(() => controller.abort());
  return { received, settled: async () => fetched?.catch(() => undefined) };
}
