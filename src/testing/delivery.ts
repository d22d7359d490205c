/** Puts an answer on the wire, and with it what a fault does to the connection. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Fault } from "./faults.js";
import { type Answer, reasonOf } from "./market.js";

/**
 * Sends the answer, or as much of it as the fault lets through.
 *
 * @param onHandedOver - Called right before the last byte is handed over: with that, the client may send its next one.
 */
export async function deliver(
  response: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
  onHandedOver: () => void,
): Promise<void> {
  const { status, headers } = answer;
  const { socket } = response.req;
  const disconnect = () => socket.destroy();
  if (fault?.kind === "cut" && fault.where === "head") {
    socket.write(`HTTP/1.1 ${status} ${reasonOf(status)}\r\nContent-Type: appli`, disconnect);
    return;
  }
  response.sendDate = false; // The answer has its own, or none if a fault took it away.
  response.writeHead(status, reasonOf(status), headers);
  const body = Buffer.from(answer.body);
  const firstHalf = body.subarray(0, Math.ceil(body.length / 2));
  if (fault?.kind === "cut") {
    response.write(firstHalf, disconnect);
    return;
  }
  let sent = 0;
  if (fault?.kind === "delay" && fault.where === "body") {
    response.write(firstHalf);
    sent = firstHalf.length;
    if (!(await pause(socket, fault.milliseconds))) {
      return;
    }
  }
  onHandedOver();
  response.end(body.subarray(sent));
}

/**
 * Resolves to true after so many milliseconds, or to false as soon as the connection has gone. It asks the socket: of
 * pipelined requests, only the first one's response is told.
 */
export async function pause(socket: Socket, milliseconds: number): Promise<boolean> {
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
