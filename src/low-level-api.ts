import createClient, { type Client } from "openapi-fetch";
import { withCallerStack } from "./errors.js";
import { RequestConstructor, toBuilderFetch, toReadableResponse } from "./fetch-adapter.js";
import { checkCallOptions, type ClientSettings } from "./options.js";
import type { Send } from "./transport.js";
import type { LowLevelApi } from "./types.js";

/** Creates the openapi-fetch methods for all operations of `Paths`, with the key, queue and limits of the client. */
export function createLowLevelApi<Paths extends object>(settings: ClientSettings, send: Send): LowLevelApi<Paths> {
  const { baseUrl, headers } = settings;
  const client = createClient<Paths>({ baseUrl, headers, Request: RequestConstructor });

  function createMethod<Method extends keyof LowLevelApi<Paths>>(method: Method): Client<Paths>[Method] {
    // A wrapper cannot repeat the generic types of openapi-fetch. It passes its arguments on.
    const callMethod = client[method] as (path: string, init: object) => Promise<unknown>;
    const wrapper = (path: string, init: { signal?: AbortSignal } = {}) => {
      // openapi-fetch adds the fields that it does not know to the request: `timeout` and `maxRetries`.
      const fetch = toBuilderFetch(async (request) =>
        toReadableResponse(await send(request, path, checkCallOptions({ ...request.init }))),
      );
      return withCallerStack(callMethod(path, { fetch, ...init }), init.signal);
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
