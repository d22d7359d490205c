/** One request and its whole answer. */
import { abortable } from "./abort.js";
import { type Answer, judge } from "./answer.js";
import type { PlainRequest } from "./bridge.js";
import { type Call, ConnectionError, MarketError, TimeoutError } from "./errors.js";
import { apiKeyHeader } from "./generated/constants.js";
import { type ApiKey, checkKey, describeCause, redactor, safeCause } from "./key.js";

/** As much of the global `fetch` as is used: any fetch will do, and so will a test double that takes a URL as text. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface ExchangeOptions {
  apiKey: ApiKey;
  fetch: Fetch | undefined;
}

/**
 * Sends the request once and reads the answer to its end.
 *
 * @param timeout - Milliseconds for all of it: asking for the key, the request, the answer and its body.
 * @throws ConnectionError, TimeoutError, or the `reason` of the signal.
 * @throws MarketError if the `apiKey` function fails, or what it returns is no key.
 */
export function exchange(
  request: PlainRequest,
  call: Call,
  options: ExchangeOptions,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return abortable(signal, (resolve, reject) => {
    const controller = new AbortController();
    let isOver = false;
    const timer = setTimeout(() => reject(new TimeoutError(call, `no whole answer within ${timeout} ms`)), timeout);
    fetchAnswer(request, call, options, controller.signal).then((answer) => {
      isOver = true;
      resolve(answer);
    }, reject);
    return () => {
      clearTimeout(timer);
      if (!isOver) {
        controller.abort();
      }
    };
  });
}

async function fetchAnswer(
  request: PlainRequest,
  call: Call,
  { apiKey, fetch: ownFetch }: ExchangeOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const key = typeof apiKey === "string" ? apiKey : await askForKey(apiKey, call);
  signal.throwIfAborted();
  const headers = new Headers(request.headers);
  headers.set(apiKeyHeader, key);
  let response: Response;
  let text: string;
  try {
    // Looked up for every request: a fetch that was put in place later, for tests or tracing, is meant to be used.
    const fetch: Fetch = ownFetch ?? globalThis.fetch;
    response = await fetch(request.url, { ...request.init, headers, redirect: "manual", signal });
    if (signal.aborted) {
      await response.body?.cancel(); // It was a fetch that knows no signals: nobody waits for the body any more.
    }
    text = await response.text();
  } catch (error) {
    const cause = safeCause(error, call.redact);
    throw new ConnectionError(call, `no whole answer from the Market: ${describeCause(cause)}`, cause);
  }
  return judge(response, text, call);
}

async function askForKey(apiKey: () => unknown, call: Call): Promise<string> {
  let given: unknown;
  try {
    given = await apiKey();
  } catch {
    // It may hold the key, which is not known yet and could not be found in it.
    throw new MarketError(call, "the apiKey function threw; what it threw is not shown, as it may hold the key");
  }
  const key = checkKey(given, (message) => new MarketError(call, message));
  const redact = redactor(key);
  const redactEarlierKeys = call.redact;
  call.redact = (text) => redact(redactEarlierKeys(text));
  return key;
}
