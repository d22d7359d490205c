/** Responses in the format of the API. */
import { STATUS_CODES } from "node:http";
import type { ApiErrorDetail } from "../generated/types.js";
import type { FaultHeaders } from "./faults.js";

export interface ApiResponse {
  readonly status: number;
  /** Headers that replace or remove those of every response. */
  readonly headers?: FaultHeaders | undefined;
  readonly body: string;
}

const reasonPhrases: Readonly<Record<number, string | undefined>> = { ...STATUS_CODES, 420: "Enhance Your Calm" };

export const getReasonPhrase = (status: number) => reasonPhrases[status] ?? "Unknown";

/** See https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes */
function createErrorDetail(status: number, message: string): ApiErrorDetail {
  // The error codes of the API are the names of the statuses, except for 420.
  const code = status === 420 ? "METHOD_FAILURE" : getReasonPhrase(status).toUpperCase().replace(/\W+/g, "_");
  return { code, message };
}

export function createErrorResponse(
  status: number,
  errors: readonly ApiErrorDetail[] | null = [createErrorDetail(status, getReasonPhrase(status))],
  headers?: FaultHeaders,
  body = JSON.stringify({ status: "ERROR", errors }),
): ApiResponse {
  return { status, headers, body };
}

class RejectedRequest extends Error {
  constructor(readonly response: ApiResponse) {
    super(`HTTP ${response.status}`);
  }
}

/** Rejects a request with an error response. */
export function reject(status: number, message: string | readonly string[], headers?: FaultHeaders): never {
  const errors = [message].flat().map((each) => createErrorDetail(status, each));
  throw new RejectedRequest(createErrorResponse(status, errors, headers));
}

/** Returns a response with the result of a function, or the error response if the function rejects the request. */
export function createApiResponse(getResult: () => object | void): ApiResponse {
  try {
    return { status: 200, body: JSON.stringify({ status: "OK", result: getResult() }) };
  } catch (error) {
    if (error instanceof RejectedRequest) return error.response;
    throw error;
  }
}
