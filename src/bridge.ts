/** Between openapi-fetch, which speaks in `Request` and `Response`, and the transport. */
import { notJson, refuseRounded } from "./answer.js";
import { type ApiError, type Call, ResponseError } from "./errors.js";

/**
 * Takes the place of `Request` in openapi-fetch and only keeps what it is given, so that each attempt is a plain
 * `fetch(url, init)` of its own. A real `Request` can be sent once, and fetch copies it again: 1.4 times the time.
 */
export class PlainRequest {
  readonly url: string;
  readonly init: RequestInit & { timeout?: unknown; maxRetries?: unknown };
  readonly method: string;
  readonly headers: Headers;

  constructor(url: string, init: RequestInit & { method: string; headers: Headers }) {
    this.url = url;
    this.init = init;
    this.method = init.method;
    this.headers = init.headers;
  }
}

/** The class in the form that openapi-fetch asks for. It only constructs it, and `asFetch` makes sure that it has. */
export const RequestStandIn = PlainRequest as unknown as typeof Request;

/** Makes a `fetch` for openapi-fetch. */
export function asFetch(handle: (request: PlainRequest) => Promise<Response>): (request: Request) => Promise<Response> {
  return async (request) => {
    if (!(request instanceof PlainRequest)) {
      throw new TypeError("Request must not be set for a single call: the key and the retries depend on it");
    }
    try {
      return await handle(request);
    } catch (error) {
      if (error) {
        throw error;
      }
      return rejectLater(error);
    }
  };
}

/**
 * openapi-fetch 0.17 takes a falsy error for none, and a signal's `reason` may be `null`. It asks the response for its
 * headers next.
 */
function rejectLater(reason: unknown): Response {
  return Object.defineProperty(new Response(), "headers", {
    get() {
      throw reason;
    },
  });
}

/** An answer of the Market. */
export interface Answer {
  /** Its body has been read. */
  readonly response: Response;
  readonly text: string;
  /** There if the status is 4xx or 5xx. */
  readonly failure: ApiError | undefined;
}

/**
 * As much of a response as openapi-fetch looks at, with the text put back in. A new `Response` around the text would
 * take a fifth of the whole request; and a text that is put on the response which came stays in memory as long as the
 * runtime keeps that, until the next big garbage collection: 6 % of the time.
 */
export function withText({ response: { ok, status, headers }, text }: Answer): Response {
  const readable: Pick<Response, "ok" | "status" | "headers" | "text" | "json"> = {
    ok,
    status,
    headers,
    text: async () => text,
    json: async () => JSON.parse(text) as unknown,
  };
  return readable as Response;
}

/** A response that can be read in every way, for calls of which nothing is known. */
export function rebuild(answer: Answer, call: Call): Response {
  const { response, failure } = answer;
  const { ok, status } = response;
  const text = failure === undefined ? answer.text : call.redact(answer.text);
  if (ok && text === "" && status !== 204) {
    throw new ResponseError(call, status, "the body is empty");
  }
  const headers = new Headers(response.headers);
  // With a length openapi-fetch calls `json()`, and does not parse the text by itself.
  headers.set("Content-Length", String(new TextEncoder().encode(text).length));
  headers.delete("Transfer-Encoding");
  const rebuilt = new Response(text === "" ? null : text, { status, headers });
  return Object.assign(rebuilt, {
    json: async (): Promise<unknown> => {
      try {
        const body: unknown = JSON.parse(text);
        refuseRounded(body, response, call);
        return body;
      } catch (error) {
        throw error instanceof SyntaxError ? notJson(response, call) : error;
      }
    },
  });
}
