/** Receives the body of a request, and sends a response with the faults of the connection. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Fault } from "./faults.js";
import { type ApiResponse, getReasonPhrase } from "./responses.js";

/** Resolves to undefined if the connection is closed before the end of the body. */
export const readBody = (incoming: IncomingMessage) => buffer(incoming).catch(() => undefined);

/**
 * Sends a response, or the part of it that the fault permits.
 *
 * @param onComplete - Called before the last bytes are sent: when the client has them, it may send its next request.
 */
export async function sendResponse(out: ServerResponse, response: ApiResponse, fault?: Fault, onComplete?: () => void) {
  const { status, headers, body } = response;
  const { socket } = out.req;
  const disconnect = () => socket.destroy();
  const reason = getReasonPhrase(status);
  if (fault?.kind === "cut" && fault.where === "head") {
    socket.write(`HTTP/1.1 ${status} ${reason}\r\nContent-Type: appli`, disconnect);
    return;
  }
  const bytes = Buffer.from(body);
  const defaults = { "Content-Type": "application/json", "Content-Length": String(bytes.length) };
  for (const [name, value] of Object.entries({ ...defaults, ...headers })) {
    if (value === null) out.removeHeader(name);
    else out.setHeader(name, value);
  }
  out.useChunkedEncodingByDefault = false; // A body without Content-Length ends with the connection.
  out.writeHead(status, reason);
  const half = Math.ceil(bytes.length / 2);
  if (fault?.kind === "cut") {
    out.write(bytes.subarray(0, half), disconnect);
    return;
  }
  const isDelayed = fault?.kind === "delay" && fault.where === "body";
  if (isDelayed) out.write(bytes.subarray(0, half));
  if (isDelayed && !(await sleep(socket, fault.milliseconds))) return;
  onComplete?.();
  out.end(bytes.subarray(isDelayed ? half : 0));
}

/**
 * Resolves to true after the delay, or to false as soon as the connection is closed. Listens on the socket, since only
 * the first of several pipelined requests receives a `close` event on its response.
 */
export async function sleep(socket: Socket, milliseconds: number): Promise<boolean> {
  if (milliseconds > 0 && !socket.destroyed) {
    const elapsed = new AbortController();
    const timer = setTimeout(() => elapsed.abort(), milliseconds);
    await once(socket, "close", { signal: elapsed.signal }).catch(() => undefined);
    clearTimeout(timer);
  }
  return !socket.destroyed;
}
