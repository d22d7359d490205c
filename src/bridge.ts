/** Between openapi-fetch, which speaks in `Request` and `Response`, and the transport. */
import type { Answer } from "./answer.js";
import type { Call } from "./errors.js";

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

/** The class in the form that openapi-fetch asks for: it constructs it and hands it on, and reads no more than it has. */
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

/** openapi-fetch asks a response for `json()` if it has a length, and else parses the text by itself. */
const someLength = { get: (name: string) => (name === "Content-Length" ? "1" : null) };

/**
 * As much of a response as openapi-fetch looks at, with the body that has been parsed already. A new `Response` around
 * the text took 31 to 57 µs of a loopback request's 500, and the text would be parsed once more.
 */
export function parsedResponse({ response: { ok, status }, body }: Answer): Response {
  const response: Pick<Response, "ok" | "status" | "json"> & { headers: typeof someLength } = {
    ok,
    status,
    headers: someLength,
    json: async () => body,
  };
  return response as Response;
}

/** A response that can be read in every way, for calls of which nothing is known. */
export function rebuild({ response, text: received, failure }: Answer, call: Call): Response {
  const text = failure === undefined ? received : call.redact(received);
  const headers = new Headers([...response.headers].map(([name, value]) => [name, call.redact(value)]));
  // Without a length openapi-fetch makes an empty text of an empty body.
  headers.set("Content-Length", String(new TextEncoder().encode(text).length));
  headers.delete("Transfer-Encoding");
  return new Response(text === "" ? null : text, { status: response.status, headers });
}
