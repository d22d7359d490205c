import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

/** One row of the table. */
export interface Measurement {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  readonly isMet: boolean;
}

/** A measurement that should not exceed a limit. */
export function measurement(what: string, value: number, limit: number, unit: string, remark = ""): Measurement {
  const digits = unit === "ms" ? 1 : 2;
  return {
    what,
    measured: `${value.toFixed(digits)} ${unit}${remark}`,
    target: `≤ ${limit} ${unit}`,
    isMet: value <= limit,
  };
}

/** One slow round does not move the median. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Runs a script, and returns the milliseconds that it took. */
async function timeScript(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  await promisify(execFile)(process.execPath, [...args]);
  return performance.now() - startedAt;
}

/** Returns the median difference between two scripts that run in alternation, in milliseconds. */
export async function timeDifference(rounds: number, base: string[], script: string[]): Promise<number> {
  const differences: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const baseTime = await timeScript(base);
    differences.push((await timeScript(script)) - baseTime);
  }
  return median(differences);
}

/** Runs a worker in a process of its own, and returns the number that it prints. */
export async function runWorker(script: string, ...args: string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, ...args]);
  return Number(stdout);
}

/** Runs a server in a process of its own. */
export async function withServer<Result>(script: string, use: (baseUrl: string) => Promise<Result>): Promise<Result> {
  const server = fork(script);
  try {
    const [baseUrl] = (await once(server, "message")) as [string];
    return await use(baseUrl);
  } finally {
    server.kill();
  }
}
