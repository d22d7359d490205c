/** The control endpoints under `/_market`: the interface of the mock server for tests in other languages. */
import { type ApiResult, errorResult } from "./api-result.js";
import { checkObject } from "./faults.js";
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

/** Returns the result for a control request that has the server's key. */
export function handleControl(market: Market, method: string, path: string, body: string): ApiResult {
  const handle = routes[`${method} ${path}`];
  if (handle === undefined) {
    return errorResult(404, `Resource not found: '${method} ${path}'`);
  }
  try {
    const result = handle(market, body === "" ? undefined : JSON.parse(body));
    return { status: 200, body: { status: "OK", ...(result && { result }) } };
  } catch (error) {
    return errorResult(400, error instanceof Error ? error.message : String(error));
  }
}
