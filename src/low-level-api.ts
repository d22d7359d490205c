import createClient, { type Client } from "openapi-fetch";
import { check } from "./check.js";
import { withCallerStack } from "./errors.js";
import { RequestConstructor, toBuilderFetch, toReadableResponse } from "./fetch-adapter.js";
import { checkCallOptions, type ClientSettings } from "./options.js";
import type { Send } from "./transport.js";
import type { LowLevelApi } from "./types.js";

/** The options of openapi-fetch that the wrapper reads. */
interface CallInit {
  readonly signal?: AbortSignal;
  readonly parseAs?: string;
  readonly fetch?: unknown;
  readonly middleware?: unknown;
}

/** Creates the openapi-fetch methods for all operations of `Paths`, with the key, queue and limits of the client. */
export function createLowLevelApi<Paths extends object>(settings: ClientSettings, send: Send): LowLevelApi<Paths> {
  const { baseUrl, headers } = settings;
  const client = createClient<Paths>({ baseUrl, headers, Request: RequestConstructor });

  function createMethod<Method extends keyof LowLevelApi<Paths>>(method: Method): Client<Paths>[Method] {
    // A wrapper cannot repeat the generic types of openapi-fetch. It passes its arguments on.
    const callMethod = client[method] as (path: string, init: object) => Promise<unknown>;
    const wrapper = async (path: string, init?: CallInit) => {
      const { signal, parseAs = "json", fetch: ownFetch, middleware } = init ?? {};
      check(parseAs === "json" || parseAs === "text", "parseAs", '"json" or "text"', parseAs);
      // It would get neither a `Request` nor a response that can be read.
      check(middleware === undefined, "middleware", "omitted (use fetch and onAttempt of the client)", middleware);
      // openapi-fetch adds the fields that it does not know to the request: `timeout` and `maxRetries`.
      const fetch = toBuilderFetch(async (request) =>
        toReadableResponse(await send(request, path, checkCallOptions({ ...request.init }))),
      );
      // A `fetch` of the call, an option of openapi-fetch, sends instead of the client, and without the key.
      return await withCallerStack(callMethod(path, { ...init, fetch: ownFetch ?? fetch }), signal);
    };
    return wrapper as Client<Paths>[Method];
  }

  return {
    GET: createMethod("GET"),
    POST: createMethod("POST"),
    PUT: createMethod("PUT"),
    PATCH: createMethod("PATCH"),
    DELETE: createMethod("DELETE"),
  };
}
