import { ResponseError } from "./errors.js";
import type { ParsedResponse } from "./response.js";

/**
 * Replaces `Request` in openapi-fetch. A real `Request` can be sent only once, and `fetch` copies it: that takes 1.4
 * times as long as a plain fetch.
 */
export class RequestShim {
  constructor(
    readonly url: string,
    readonly init: RequestInit & { method: string },
  ) {}
}

/** The type that openapi-fetch expects. It constructs the request and passes it to `fetch`. */
export const RequestConstructor = RequestShim as unknown as typeof Request;

/** Creates a `fetch` for openapi-fetch. */
export function toFetch(send: (request: RequestShim) => Promise<Response>): (request: Request) => Promise<Response> {
  return (request) => {
    if (!(request instanceof RequestShim)) throw new TypeError("Request must not be set for a call: use options.fetch");
    return send(request).catch((reason: unknown) => {
      if (reason) throw reason;
      // openapi-fetch 0.17 ignores a falsy rejection (an abort reason may be null), and reads the headers next.
      const get = () => {
        throw reason;
      };
      return Object.defineProperty(new Response(), "headers", { get });
    });
  };
}

/** With a length, openapi-fetch calls `json()`. Without one it would parse `text()` once more. */
const headersWithLength = { get: (name: string) => (name === "Content-Length" ? "1" : null) };

/** The parts of a response that openapi-fetch reads. A new `Response` would take a tenth of a request over loopback. */
export function toMinimalResponse({ response: { ok, status }, body }: ParsedResponse): Response {
  const minimal: unknown = { ok, status, headers: headersWithLength, json: async () => body };
  return minimal as Response;
}

/**
 * A response that can be read in every way, for the low-level API. An error response does not contain the key.
 *
 * @throws ResponseError if it cannot be constructed, because an injected `fetch` has returned an odd object.
 */
export function toResponse({
  response: { status, headers },
  text: received,
  error,
  context,
}: ParsedResponse): Response {
  const { redact } = context;
  try {
    const text = error === undefined ? received : redact(received);
    const copy = new Headers([...headers].map(([name, value]) => [name, redact(value)]));
    // Without a length, openapi-fetch returns an empty string for an empty body.
    copy.set("Content-Length", String(new TextEncoder().encode(text).length));
    copy.delete("Transfer-Encoding");
    return new Response(text || null, { status, headers: copy });
  } catch {
    throw new ResponseError(context, status, "it cannot be copied");
  }
}
