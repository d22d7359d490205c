import createClient, { type Client } from "openapi-fetch";
import { withCallerStack } from "./caller-stack.js";
import type { ClientSettings } from "./client-options.js";
import { RequestConstructor, toBuilderFetch, toReadableResponse } from "./fetch-adapter.js";
import { getOperation } from "./operation.js";
import { checkCallOptions } from "./options.js";
import type { Send } from "./transport.js";
import type { LowLevelApi } from "./types.js";

/** Creates the openapi-fetch methods for all operations of `Paths`, with the key, queue and limits of the client. */
export function createLowLevelApi<Paths extends object>(
  { baseUrl, headers }: ClientSettings,
  send: Send,
): LowLevelApi<Paths> {
  const client = createClient<Paths>({ baseUrl, headers, Request: RequestConstructor });

  function createMethod<Method extends keyof LowLevelApi<Paths>>(method: Method): Client<Paths>[Method] {
    // The wrapper passes its arguments on. Their types, generic in path and method, cannot be repeated for it.
    const callMethod = client[method] as (path: string, init: object) => Promise<unknown>;
    const wrapper = (path: string, init: { signal?: AbortSignal } = {}) => {
      const operation = getOperation(method, path);
      const fetch = toBuilderFetch(async (request) =>
        toReadableResponse(await send(request, operation, checkCallOptions({ ...request.init }))),
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
