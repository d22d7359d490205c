import type { IncomingMessage, ServerResponse } from "node:http";
import { errorResult } from "./api-result.js";
import type { ConcurrencyLimiter } from "./concurrency.js";
import { type ControlTarget, handleControl, isControlPath } from "./control.js";
import { type QueuedFault, takeFault } from "./fault-queue.js";
import type { Market } from "./handler.js";
import type { Settings } from "./options.js";
import { getRemaining } from "./quota.js";
import { createRecord, type PendingRequest, readBody, type ReceivedRequest, recordBody } from "./request-log.js";
import { createResponse, serialize } from "./responses.js";
import { sendResponse, sleep } from "./send.js";

export interface ServerState {
  readonly settings: Settings;
  readonly market: Market;
  readonly limiter: ConcurrencyLimiter;
  readonly faults: QueuedFault[];
  readonly requests: ReceivedRequest[];
  /** Undefined if there are no control endpoints. */
  readonly control: ControlTarget | undefined;
}

/** Records and answers a request. Resolves when the request is finished, for whatever reason. */
export async function processRequest(state: ServerState, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { settings, control } = state;
  const startedAt = performance.now();
  const request = createRecord(incoming, settings.apiKey);
  if (control !== undefined && isControlPath(request.path)) {
    await processControl(control, request, incoming, outgoing);
    return;
  }
  state.requests.push(request);
  const slot = state.limiter.acquire();
  try {
    await respond(state, request, slot, incoming, outgoing);
  } finally {
    slot.release();
    if (request.outcome === "pending") {
      request.outcome = "abandoned";
    }
    request.durationMs = performance.now() - startedAt;
    settings.onRequest(request);
  }
}

async function respond(
  { settings, market, faults }: ServerState,
  request: PendingRequest,
  slot: ReturnType<ConcurrencyLimiter["acquire"]>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) {
  const { socket } = incoming;
  if (!(await recordBody(incoming, request, settings.apiKey))) {
    return;
  }
  const fault = takeFault(faults, request);
  request.fault = fault?.kind;
  const delay = fault?.kind === "delay" && fault.where !== "body" ? fault.milliseconds : 0;
  if (!(await sleep(socket, settings.latency)) || !(await sleep(socket, delay))) {
    return;
  }
  if (fault?.kind === "cut") {
    request.outcome = "cut";
    if (fault.where === "before") {
      socket.destroy();
      return;
    }
  }
  // Nothing is awaited from here to the first byte, so that the quota headers are up to date when they are sent.
  const now = Date.now() + settings.clockOffset;
  const response = createResponse(market, { request, isWithinLimit: slot.isWithinLimit, now }, fault);
  request.status = response.status;
  request.remaining = request.operation && getRemaining(market.quotas[request.operation], now);
  await sendResponse(outgoing, response, fault, () => {
    slot.release();
    request.outcome = "answered";
  });
}

async function processControl(
  control: ControlTarget,
  { key, method, path }: PendingRequest,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) {
  const body = await readBody(incoming, Infinity);
  if (body !== undefined) {
    const result =
      key === "right"
        ? handleControl(control, method, path, body.text)
        : errorResult(401, key === "missing" ? "Credentials are not specified" : "Api-Key token is invalid");
    await sendResponse(outgoing, serialize(result), undefined, () => undefined);
  }
}
