import { STATUS_CODES } from "node:http";

/** The response of the API to a request, before it is serialized. */
export interface ApiResult {
  readonly status: number;
  readonly body: { readonly status: "OK" | "ERROR"; readonly result?: object; readonly errors?: object[] };
  readonly headers?: Readonly<Record<string, string>>;
}

/** Rejects a request with an error response. */
class RejectedRequest extends Error {
  constructor(readonly result: ApiResult) {
    super(`HTTP ${result.status}`);
  }
}

export function reject(status: number, ...messages: readonly string[]): never {
  throw new RejectedRequest(errorResult(status, ...messages));
}

/** Returns the reason phrase of a status. For 420, the API has its own. */
export function getReasonPhrase(status: number): string {
  return status === 420 ? "Enhance Your Calm" : (STATUS_CODES[status] ?? "Unknown");
}

/**
 * Returns an error in the documented format. The default message is the reason phrase.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes
 */
export function errorResult(status: number, ...messages: readonly string[]): ApiResult {
  const reason = getReasonPhrase(status);
  // The error codes of the API are the names of the statuses, except for 420.
  const code = status === 420 ? "METHOD_FAILURE" : reason.toUpperCase().replace(/\W+/g, "_");
  const errors = (messages.length > 0 ? messages : [reason]).map((message) => ({ code, message }));
  return { status, body: { status: "ERROR", errors } };
}

/** Returns the response with the result of a function, or the error response if it rejects the request. */
export function getResult(handle: () => object | void): ApiResult {
  try {
    const result = handle();
    return { status: 200, body: { status: "OK", ...(result && { result }) } };
  } catch (error) {
    if (error instanceof RejectedRequest) {
      return error.result;
    }
    throw error;
  }
}
