/** Puts an answer on the wire, and with it what a fault does to the connection. */
import type { ServerResponse } from "node:http";
import type { Fault } from "./faults.js";
import { type Answer, reasonOf } from "./market.js";

/**
 * Sends the answer, or as much of it as the fault lets through.
 *
 * @param onHandedOver - Called right before the last byte is handed over: the client may go on as soon as it has that.
 */
export async function deliver(
  response: ServerResponse,
  { status, headers, body }: Answer,
  fault: Fault | undefined,
  onHandedOver: () => void,
): Promise<void> {
  if (fault?.kind === "cut" && fault.where !== "before") {
    cut(response, { status, headers, body }, fault.where);
    return;
  }
  response.writeHead(status, reasonOf(status), headers);
  let rest = Buffer.from(body);
  if (fault?.kind === "delay" && fault.where === "body") {
    response.write(firstHalf(rest));
    rest = rest.subarray(firstHalf(rest).length);
    if (!(await pause(response, fault.milliseconds))) {
      return;
    }
  }
  onHandedOver();
  response.end(rest);
}

/** Ends the connection when the part that is meant to get through has left. */
function cut(response: ServerResponse, { status, headers, body }: Answer, where: "head" | "body"): void {
  const { socket } = response;
  const end = () => socket?.destroy();
  if (where === "head") {
    socket?.write(`HTTP/1.1 ${status} ${reasonOf(status)}\r\nContent-Type: appli`, end);
  } else {
    response.writeHead(status, reasonOf(status), headers);
    response.write(firstHalf(Buffer.from(body)), end);
  }
}

function firstHalf(body: Buffer): Buffer {
  return body.subarray(0, Math.ceil(body.length / 2));
}

/** Resolves to true after so many milliseconds, or to false as soon as the connection has gone. */
export async function pause(response: ServerResponse, milliseconds: number): Promise<boolean> {
  if (milliseconds === 0 || response.closed) {
    return !response.closed;
  }
  return new Promise((resolve) => {
    const finish = (isConnected: boolean) => {
      clearTimeout(timer);
      response.off("close", onClose);
      resolve(isConnected);
    };
    const onClose = () => finish(false);
    const timer = setTimeout(() => finish(true), milliseconds);
    response.on("close", onClose);
  });
}
