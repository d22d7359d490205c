import type { IncomingMessage, ServerResponse } from "node:http";
import type { Slot } from "./concurrency.js";
import { handleControl, isControlPath } from "./control.js";
import { takeFault } from "./fault-queue.js";
import { getRemaining } from "./quota.js";
import { createRecord, type PendingRequest, readBody, recordBody } from "./request-log.js";
import { createResponse, serialize } from "./responses.js";
import { sendResponse, sleep } from "./send.js";
import type { Market } from "./state.js";

/** Records and answers a request. Resolves when the request is finished, for whatever reason. */
export async function processRequest(market: Market, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { apiKey, control, onRequest } = market.settings;
  const startedAt = performance.now();
  const request = createRecord(incoming, apiKey);
  if (control && isControlPath(request.path)) {
    await processControl(market, request, outgoing);
    return;
  }
  market.requests.push(request);
  const slot = market.limiter.acquire();
  try {
    await respond(market, request, slot, outgoing);
  } finally {
    slot.release();
    if (request.outcome === "pending") {
      request.outcome = "abandoned";
    }
    request.durationMs = performance.now() - startedAt;
    onRequest(request);
  }
}

async function respond(market: Market, request: PendingRequest, slot: Slot, outgoing: ServerResponse) {
  const { settings, quotas, faults } = market;
  const incoming = outgoing.req;
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
  request.remaining = request.operation && getRemaining(quotas[request.operation], now);
  await sendResponse(outgoing, response, fault, () => {
    slot.release();
    request.outcome = "answered";
  });
}

async function processControl(market: Market, request: PendingRequest, outgoing: ServerResponse) {
  const body = await readBody(outgoing.req, Infinity);
  if (body !== undefined) {
    const response = serialize(handleControl(market, request, body.text));
    await sendResponse(outgoing, response, undefined, () => undefined);
  }
}
