/** The control endpoints under `/_market`: the interface of the mock server for tests in other languages. */
import { check, isRecord } from "../check.js";
import { queueFault } from "./fault-queue.js";
import { checkReceivedKey } from "./handler.js";
import { checkChats } from "./options.js";
import type { ReceivedRequest } from "./request-log.js";
import { type ApiResponse, createApiResponse, reject } from "./responses.js";
import type { ServerState } from "./state.js";

/** By method and path. Each receives the parsed body of a request, and returns the `result` of its response, if any. */
const routes: Record<string, (state: ServerState, body: unknown) => object | void> = {
  "DELETE /_market"(state) {
    state.faults.clear();
    state.requests.length = 0;
    Object.values(state.quotas).forEach((quota) => quota.reset());
    state.paginator.reset();
    replaceChats(state, state.initialChats);
  },
  "GET /_market/requests": ({ requests }) => ({ requests }),
  "POST /_market/faults"({ faults }, body) {
    check(isRecord(body), "body", "an object", body);
    const { match, ...fault } = body;
    queueFault(faults, fault, match);
  },
  "PUT /_market/chats": (state, body) => replaceChats(state, isRecord(body) && "count" in body ? body["count"] : body),
};

/** @throws TypeError or RangeError that names the invalid chat. */
function replaceChats({ settings: { chats } }: ServerState, replacement: unknown): void {
  const checked = checkChats(replacement);
  chats.length = 0;
  checked.forEach((chat) => chats.push(chat)); // not spread: there may be more chats than a call has arguments
}

export function handleControl(state: ServerState, request: ReceivedRequest, body: string): ApiResponse {
  const { method, path } = request;
  return createApiResponse(() => {
    checkReceivedKey(request);
    const handle = routes[`${method} ${path}`] ?? reject(404, `Resource not found: '${method} ${path}'`);
    try {
      return handle(state, body === "" ? undefined : JSON.parse(body));
    } catch (error) {
      return reject(400, error instanceof Error ? error.message : String(error));
    }
  });
}
