/** Runs tasks in processes of their own, with the package as it is built for its users. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildPackage } from "../build.js";
import { startMarketServer } from "../../src/testing/index.js";
import type { tasks } from "./tasks.js";

type Tasks = typeof tasks;

const repository = fileURLToPath(new URL("../../", import.meta.url));
export const packageName = "yandex-market-chats";

/** Where the workers find the dependencies, and nothing else looks. */
export const workspace = join(repository, "node_modules/.cache/measure");

/** Builds the package, and the tasks as plain JavaScript, so that no compiler is at work while they measure. */
export async function prepareWorkspace(): Promise<void> {
  await rm(workspace, { recursive: true, force: true });
  await mkdir(workspace, { recursive: true });
  // With its package.json, the workspace imports the package by its name, so that `exports` decides which file it is.
  await copyFile(join(repository, "package.json"), join(workspace, "package.json"));
  await buildPackage(join(workspace, "dist"));
  await build({
    entryPoints: [join(repository, "scripts/measure/tasks.ts")],
    outfile: join(workspace, "tasks.mjs"),
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    plugins: [
      {
        name: "built package",
        setup({ onResolve }) {
          onResolve({ filter: /\/src\/(testing\/)?index\.js$/ }, ({ path }) => {
            return { path: `${packageName}${path.includes("/testing/") ? "/testing" : ""}`, external: true };
          });
        },
      },
    ],
  });
}

export async function runTask<Name extends keyof Tasks>(
  name: Name,
  ...args: Parameters<Tasks[Name]>
): Promise<Awaited<ReturnType<Tasks[Name]>>> {
  const child = fork(join(workspace, "tasks.mjs"), [name, JSON.stringify(args)], { execArgv: ["--expose-gc"] });
  const exit = once(child, "exit").then(([code]: unknown[]) => {
    throw new Error(`${name} exited with code ${String(code)} before it sent its result`);
  });
  const [result] = await Promise.race([once(child, "message"), exit]);
  return result;
}

/** Several processes that use one cabinet at the same time, with default options. */
export async function measureConcurrentCalls(processes: number) {
  const [calls, latency, parallelLimit] = [150, 50, 4];
  await using server = await startMarketServer({ latency, parallelLimit, quota: { getChat: 1_000_000 } });
  const { baseUrl, apiKey, businessId, chats, requests } = server;
  const args = [{ baseUrl, apiKey, businessId }, chats[0]?.chatId ?? 0, calls, Date.now() + 3_000] as const;
  const results = await Promise.all(Array.from({ length: processes }, () => runTask("concurrentCalls", ...args)));
  const elapsed = Math.max(...results.map(({ endedAt }) => endedAt)) - args[3];
  return {
    /** Total time, as a multiple of the time that the server needs at least. */
    ratio: elapsed / ((processes * calls * latency) / parallelLimit),
    lost: results.reduce((sum, { lost }) => sum + lost, 0),
    /** Share of the requests that were rejected with 420. */
    rejectedShare: requests.filter(({ status }) => status === 420).length / requests.length,
  };
}
