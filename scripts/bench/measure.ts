import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

/** One line of the table. */
export interface Measurement {
  what: string;
  measured: string;
  goal: string;
  isMet: boolean;
}

/** The middle of the sorted values, which one slow round does not move. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** Runs a script to its end, and gives the milliseconds that it took. */
export async function timeOf(...args: string[]): Promise<number> {
  const startedAt = performance.now();
  await promisify(execFile)(process.execPath, args);
  return performance.now() - startedAt;
}

/** Runs a worker in a process of its own, and gives what it has to say. */
export async function runWorker(script: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, ...args]);
  return JSON.parse(stdout) as unknown;
}

/** Runs a server in a process of its own while `use` is at work with its address. */
export async function withServer<Result>(script: string, use: (address: string) => Promise<Result>): Promise<Result> {
  const server = fork(script);
  try {
    const [address] = (await once(server, "message")) as [string];
    return await use(address);
  } finally {
    server.kill();
  }
}
