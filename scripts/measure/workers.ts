/** Runs tasks in processes of their own, with the package as it is built for its users. */
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { buildPackage, repository } from "../build.js";
import { startMarketServer } from "../../src/testing/index.js";
import type { tasks } from "./tasks.js";

type Tasks = typeof tasks;

/** In `node_modules`, so that workers find the dependencies, and Git, Vitest and Prettier ignore it. */
export const workspace = join(repository, "node_modules/.cache/measure");

/** Builds the package, and the tasks as plain JavaScript, so that no compiler is at work while they measure. */
export async function prepareWorkspace(): Promise<void> {
  rmSync(workspace, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  // With its package.json, the workspace imports the package by its name, so that `exports` decides which file it is.
  copyFileSync(join(repository, "package.json"), join(workspace, "package.json"));
  await buildPackage(join(workspace, "dist"));
  await build({
    entryPoints: [join(repository, "scripts/measure/tasks.ts")],
    outfile: join(workspace, "tasks.mjs"),
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
  });
}

export async function runTask<Name extends keyof Tasks>(
  name: Name,
  ...args: Parameters<Tasks[Name]>
): Promise<Awaited<ReturnType<Tasks[Name]>>> {
  const parameters = ["--expose-gc", join(workspace, "tasks.mjs"), name, JSON.stringify(args)];
  const { stdout } = await promisify(execFile)(process.execPath, parameters);
  return JSON.parse(stdout);
}

/** Several processes that use one cabinet at the same time, with default options. */
export async function measureConcurrentCalls(processes: number) {
  const [calls, latency, parallelLimit] = [150, 50, 4];
  await using server = await startMarketServer({ latency, parallelLimit, quota: { getChat: 1_000_000 } });
  const { baseUrl, apiKey, businessId, chats, requests } = server;
  const startsAt = Date.now() + 3_000;
  const args = [{ baseUrl, apiKey, businessId }, chats[0]?.chatId ?? 0, calls, startsAt] as const;
  const results = await Promise.all(Array.from({ length: processes }, () => runTask("concurrentCalls", ...args)));
  const elapsed = Math.max(...results.map(({ endedAt }) => endedAt)) - startsAt;
  return {
    "× minimum": elapsed / ((processes * calls * latency) / parallelLimit),
    "calls lost": results.reduce((sum, { lost }) => sum + lost, 0),
    "share of 420": requests.filter(({ status }) => status === 420).length / requests.length,
  };
}
