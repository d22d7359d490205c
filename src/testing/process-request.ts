/** Processes a request: records it, applies a fault, and responds. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { takeFault } from "./fault-queue.js";
import type { Fault } from "./faults.js";
import { handleControl } from "./control.js";
import { handleRequest } from "./handler.js";
import { createRecord, type PendingRequest, recordBody } from "./request-log.js";
import { type ApiResponse, createErrorResponse } from "./responses.js";
import { readBody, sendResponse, sleep } from "./send-response.js";
import type { ServerState } from "./state.js";

/** Records and answers a request. Resolves when the request is finished, for whatever reason. */
export async function processRequest(state: ServerState, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { settings, requests, inFlight } = state;
  const startedAt = performance.now();
  const request = createRecord(incoming, settings.apiKey);
  if (settings.control && /^\/_market(\/|$)/.test(request.path)) {
    const body = await readBody(incoming);
    if (body !== undefined) await sendResponse(outgoing, handleControl(state, request, body.toString()));
    return;
  }
  requests.push(request);
  const accepted = [...inFlight.values()].filter((isAccepted) => isAccepted);
  inFlight.set(request, accepted.length < settings.parallelLimit);
  state.peakParallel = Math.max(state.peakParallel, inFlight.size);
  try {
    await respond(state, request, outgoing);
  } finally {
    inFlight.delete(request);
    if (request.outcome === "pending") request.outcome = "abandoned";
    request.durationMs = performance.now() - startedAt;
    settings.onRequest(request);
  }
}

async function respond(state: ServerState, request: PendingRequest, outgoing: ServerResponse): Promise<void> {
  const { settings, faults, quotas, inFlight } = state;
  const { socket } = outgoing.req;
  const body = await readBody(outgoing.req);
  if (body === undefined) return;
  recordBody(request, body);
  const fault = takeFault(faults, request);
  request.fault = fault?.kind;
  const delay = fault?.kind === "delay" && fault.where !== "body" ? fault.milliseconds : 0;
  if (!(await sleep(socket, settings.latency)) || !(await sleep(socket, delay))) return;
  if (fault?.kind === "cut") request.outcome = "cut";
  if (fault?.kind === "cut" && fault.where === "before") return void socket.destroy();
  // Nothing is awaited from here to the first byte, so that the quota headers are up to date when they are sent.
  const now = Date.now() + settings.clockOffset;
  const response = createResponse(state, request, now, fault);
  request.status = response.status;
  request.remaining = request.operation && quotas[request.operation].getRemaining(now);
  await sendResponse(outgoing, response, fault, () => {
    inFlight.delete(request);
    request.outcome = "answered";
  });
}

/** Creates the response of the API or of a fault. Only those of the load balancer have no headers of the quota. */
function createResponse(state: ServerState, request: PendingRequest, now: number, fault?: Fault): ApiResponse {
  const response = applyFault(fault, () => handleRequest(state, request, now));
  const isFromLoadBalancer = fault?.kind === "html" || fault?.kind === "redirect";
  // A path that belongs to no operation has no quota.
  const quota = isFromLoadBalancer || request.operation === undefined ? undefined : state.quotas[request.operation];
  quota?.count(response.status, now);
  const headers = { Date: new Date(now).toUTCString(), ...quota?.getHeaders(now), ...response.headers };
  return { ...response, headers };
}

function applyFault(fault: Fault | undefined, getResponse: () => ApiResponse): ApiResponse {
  switch (fault?.kind) {
    case "status":
      return createErrorResponse(fault.status, fault.errors, fault.headers, fault.body);
    case "body":
      return { status: 200, headers: fault.headers, body: fault.body };
    case "html":
      return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: robotCheck };
    case "redirect":
      return { status: fault.status ?? 302, headers: { Location: fault.location, "Content-Type": null }, body: "" };
    case "unsafeInteger": {
      const response = getResponse();
      return { ...response, body: response.body.replace(/"chatId":\d+/, '"chatId":9007199254740993') };
    }
    default:
      return getResponse();
  }
}

const robotCheck = '<!DOCTYPE html><html lang="ru"><title>Вы не робот?</title><h1>Подтвердите это</h1></html>\n';
