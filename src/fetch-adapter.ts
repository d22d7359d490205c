/** openapi-fetch builds the requests, from the types of the OpenAPI document. The transport sends them. */
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

/** The `fetch` that openapi-fetch calls. */
export type BuilderFetch = (request: Request) => Promise<Response>;

export function toBuilderFetch(send: (request: RequestShim) => Promise<Response>): BuilderFetch {
  return (request) => {
    if (request instanceof RequestShim) return send(request);
    throw new TypeError("Request must not be set for a call: use options.fetch");
  };
}

/** What openapi-fetch reads of a response without a body. */
const noContent: unknown = { ok: true, status: 204, headers: { get: () => null } };

/** Lets openapi-fetch build a request, without sending it. */
export async function buildRequest(build: (fetch: BuilderFetch) => Promise<unknown>): Promise<RequestShim> {
  let built!: RequestShim; // Set by `fetch`.
  const fetch = toBuilderFetch(async (request) => {
    built = request;
    return noContent as Response;
  });
  await build(fetch);
  return built;
}

/** Makes the response readable once more: its body has been read. */
export function toReadableResponse({ response, text = "", body }: ParsedResponse): Response {
  const headers = new Headers(response.headers);
  if (text === "") {
    // Without a length, openapi-fetch would return an empty string as the error.
    headers.set("Content-Length", "0");
    headers.delete("Transfer-Encoding");
  }
  const properties = { headers, text: async () => text, json: async () => body };
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  return response;
}
