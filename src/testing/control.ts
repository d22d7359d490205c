/** The control endpoints under `/_market`: the interface of the mock server for tests in other languages. */
import { type ApiResult, errorResult } from "./api-result.js";
import { checkField } from "./faults.js";

/** The parts of the mock server that the endpoints control. */
export interface ControlTarget {
  getRequests(): readonly object[];
  /** @throws TypeError or RangeError if the fault is invalid. */
  queueFault(fault: unknown, match: unknown): void;
  /** @throws TypeError or RangeError if the chats are invalid. */
  replaceChats(chats: unknown): void;
  reset(): void;
}

/** By method and path: from the body of a request to the `result` of its response. */
const routes: Record<string, Record<string, (target: ControlTarget, body: unknown) => object | void>> = {
  "/_market": { DELETE: (target) => target.reset() },
  "/_market/requests": { GET: (target) => ({ requests: target.getRequests() }) },
  "/_market/faults": {
    POST(target, body) {
      checkField("body", body);
      const { match, ...fault } = body;
      target.queueFault(fault, match);
    },
  },
  "/_market/chats": {
    PUT(target, body) {
      if (!Array.isArray(body)) {
        checkField("body", body);
      }
      target.replaceChats(Array.isArray(body) ? body : body["count"]);
    },
  },
};

export function isControlPath(path: string): boolean {
  return /^\/_market(\/|$)/.test(path);
}

/** Returns the result for a control request that has the server's key. */
export function handleControl(target: ControlTarget, method: string, path: string, body: string): ApiResult {
  const methods = routes[path];
  if (methods === undefined) {
    return errorResult(404, `Resource not found: '${path}'`);
  }
  const handle = methods[method];
  if (handle === undefined) {
    const headers = { Allow: Object.keys(methods).join(", ") };
    return { ...errorResult(405, `Request method '${method}' not supported`), headers };
  }
  try {
    const result = handle(target, body === "" ? undefined : JSON.parse(body));
    return { status: 200, body: { status: "OK", ...(result && { result }) } };
  } catch (error) {
    return errorResult(400, error instanceof Error ? error.message : String(error));
  }
}
