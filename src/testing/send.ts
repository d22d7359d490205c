/** Sends a response, and applies the faults of the connection. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { getReasonPhrase } from "./api-result.js";
import type { Fault } from "./faults.js";
import type { HttpResponse } from "./responses.js";

/**
 * Sends the response, or the part of it that the fault permits.
 *
 * @param onComplete - Called immediately before the last byte is sent: then the client may send its next request.
 */
export async function sendResponse(
  outgoing: ServerResponse,
  { status, headers, body: text }: HttpResponse,
  fault: Fault | undefined,
  onComplete: () => void,
): Promise<void> {
  const { socket } = outgoing.req;
  const disconnect = () => socket.destroy();
  const reason = getReasonPhrase(status);
  if (fault?.kind === "cut" && fault.where === "head") {
    socket.write(`HTTP/1.1 ${status} ${reason}\r\nContent-Type: appli`, disconnect);
    return;
  }
  outgoing.sendDate = false; // The response has its own, unless a fault removes it.
  outgoing.writeHead(status, reason, headers);
  const body = Buffer.from(text);
  const firstHalf = body.subarray(0, Math.ceil(body.length / 2));
  if (fault?.kind === "cut") {
    outgoing.write(firstHalf, disconnect);
    return;
  }
  let sent = 0;
  if (fault?.kind === "delay" && fault.where === "body") {
    outgoing.write(firstHalf);
    sent = firstHalf.length;
    if (!(await sleep(socket, fault.milliseconds))) {
      return;
    }
  }
  onComplete();
  outgoing.end(body.subarray(sent));
}

/**
 * Resolves to true after the delay, or to false as soon as the connection is closed. Listens on the socket, since only
 * the first of several pipelined requests receives a `close` event on its response.
 */
export async function sleep(socket: Socket, milliseconds: number): Promise<boolean> {
  if (milliseconds === 0 || socket.destroyed) {
    return !socket.destroyed;
  }
  return new Promise((resolve) => {
    const finish = (isConnected: boolean) => {
      clearTimeout(timer);
      socket.off("close", onClose);
      resolve(isConnected);
    };
    const onClose = () => finish(false);
    const timer = setTimeout(() => finish(true), milliseconds);
    socket.on("close", onClose);
  });
}
