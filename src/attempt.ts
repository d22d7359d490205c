import { abortable, throwIfAborted } from "./abort.js";
import type { KeySource } from "./api-key.js";
import { readText } from "./body.js";
import { copyError, describeCause } from "./cause.js";
import { type CallContext, ConnectionError, MarketError, TimeoutError } from "./errors.js";
import type { RequestShim } from "./fetch-adapter.js";
import { apiKeyHeader } from "./generated/constants.js";
import { type ParsedResponse, parseResponse } from "./response.js";
import type { Fetch } from "./types.js";

/** The end of an attempt. `error` is also set if the response reports an error. */
export interface Outcome {
  readonly received?: ParsedResponse;
  readonly error: unknown;
}

interface AttemptSettings {
  readonly keySource: KeySource;
  readonly fetch: Fetch | undefined;
  /** In milliseconds. Includes the `apiKey` function and the response body. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends a request once, or twice if the `apiKey` function replaces a rejected key. Ends after the timeout and after an
 * abort, also if `fetch` ignores its signal.
 *
 * @returns Without a response, `error` is a ConnectionError, a TimeoutError, the error of the `apiKey` function, or the
 * abort reason of the signal.
 */
export async function attempt(
  request: RequestShim,
  context: CallContext,
  { keySource, fetch: injectedFetch, timeout, signal }: AttemptSettings,
): Promise<Outcome> {
  const { getKey, redact } = keySource;
  const controller = new AbortController();
  let cancelBody: (() => void) | undefined;
  /**
   * A 401, while the `apiKey` function is asked for another key. If it fails or takes too long, the 401 is the result.
   */
  let unauthorized: ParsedResponse | undefined;

  async function exchange(): Promise<ParsedResponse> {
    const key = await getKey(context);
    const received = await sendOnce(key);
    if (received.response.status !== 401) return received;
    unauthorized = received;
    const newKey = await getKey(context).catch(() => key);
    if (newKey === key) return received;
    unauthorized = undefined;
    return sendOnce(newKey);
  }

  async function sendOnce(key: string): Promise<ParsedResponse> {
    // The call may have ended while the key was awaited. After an abort, the controller is aborted a moment later.
    throwIfAborted(signal);
    throwIfAborted(controller.signal);
    // Looked up for every request, so that a fetch installed later is used: a test double, tracing.
    const fetch = injectedFetch ?? globalThis.fetch;
    if (typeof fetch !== "function") throw new MarketError(context, "there is no global fetch: set the option fetch");
    try {
      const headers = new Headers(request.init.headers);
      headers.set(apiKeyHeader, key);
      const init = { ...request.init, headers, redirect: "manual", signal: controller.signal } as const;
      const response = await fetch(request.url, init);
      const receivedAt = Date.now();
      const text = await readText(response, controller.signal, (cancel) => (cancelBody = cancel));
      return parseResponse({ response, receivedAt, context, text, redact });
    } catch (error) {
      // After a timeout or an abort, nobody receives this error.
      const cause = copyError(error, redact);
      throw new ConnectionError(context, `no complete response: ${describeCause(cause)}`, cause);
    }
  }

  try {
    const received = await abortable<ParsedResponse>(signal, (resolve, reject) => {
      const expire = () => reject(new TimeoutError(context, `no complete response within ${timeout} ms`));
      const timer = setTimeout(expire, timeout);
      exchange().then(resolve, reject);
      return () => clearTimeout(timer);
    });
    return { received, error: received.error };
  } catch (error) {
    controller.abort(); // Also ends an exchange that still waits for a key.
    cancelBody?.(); // In case `fetch` ignores its signal.
    const isTimeout = error instanceof TimeoutError;
    if (isTimeout && unauthorized !== undefined) return { received: unauthorized, error: unauthorized.error };
    return { error };
  }
}
