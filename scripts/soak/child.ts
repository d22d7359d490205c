import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Starts a script of this folder in a process of its own. */
export function startScript(script: string, ...args: string[]) {
  return fork(fileURLToPath(new URL(`./${script}.ts`, import.meta.url)), args, {
    execArgv: ["--import", "tsx", "--expose-gc"],
  });
}

export async function receiveMessage(child: ReturnType<typeof startScript>): Promise<unknown> {
  const exit = once(child, "exit").then(([code]: unknown[]) => {
    throw new Error(`a process exited with code ${String(code)} before it sent its result`);
  });
  const [message] = (await Promise.race([once(child, "message"), exit])) as [unknown];
  return message;
}
