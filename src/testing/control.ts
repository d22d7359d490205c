/** The control endpoints under `/_market`: the interface of the mock server for tests in other languages. */
import { type ApiResult, getResult, reject } from "./api-result.js";
import { checkObject } from "./faults.js";
import { checkReceivedKey } from "./handler.js";
import type { ReceivedRequest } from "./request-log.js";
import { type Market, queueFault, replaceChats, resetMarket } from "./state.js";

/** By method and path: from the body of a request to the `result` of its response. */
const routes: Record<string, (market: Market, body: unknown) => object | void> = {
  "DELETE /_market": resetMarket,
  "GET /_market/requests": ({ requests }) => ({ requests }),
  "POST /_market/faults"(market, body) {
    checkObject("body", body);
    const { match, ...fault } = body;
    queueFault(market, fault, match);
  },
  "PUT /_market/chats": (market, body) =>
    replaceChats(market, typeof body === "object" && body !== null && "count" in body ? body.count : body),
};

export function isControlPath(path: string): boolean {
  return /^\/_market(\/|$)/.test(path);
}

/** Returns the result for a control request. */
export function handleControl(market: Market, request: ReceivedRequest, body: string): ApiResult {
  const { method, path } = request;
  return getResult(() => {
    checkReceivedKey(request);
    const handle = routes[`${method} ${path}`] ?? reject(404, `Resource not found: '${method} ${path}'`);
    try {
      return handle(market, body === "" ? undefined : JSON.parse(body));
    } catch (error) {
      return reject(400, error instanceof Error ? error.message : String(error));
    }
  });
}
