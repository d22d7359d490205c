/** The package in projects of users: plain Node.js, bundlers, test runners, mocking libraries, frameworks. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { version as esbuildVersion } from "esbuild";
import { repository } from "../build.js";
import { bundle, fixture, javascript, recipe, type Step, typescript } from "./program.js";
import type { Row } from "./rows.js";
import { createProject, install, readVersion, run, runProgram } from "./workspace.js";

/**
 * - tools: the packages whose versions the report shows, separated by spaces
 * - commands: arguments of Node, separated by spaces; scripts called `main` must print the number of chats
 */
type Project = readonly [tools: string, setting: string, steps: readonly Step[], commands: readonly string[]];

/** Creates the project in a folder, and runs its commands. */
export function createRow(parent: string, [tools, setting, steps, commands]: Project): Row {
  const names = tools.split(" ").filter(Boolean);
  const versions = names.map((tool) => `${tool} ${readVersion(join(parent, "node_modules", tool))}`);
  const title = [versions.join(", "), setting].filter(Boolean).join(": ");
  return {
    title,
    async run() {
      const folder = createProject(parent, title);
      for (const step of steps) await step(folder);
      for (const command of commands) {
        const runCommand = /\bmain\.m?js$/.test(command) ? runProgram : run;
        await runCommand(folder, process.execPath, command.split(" "));
      }
    },
  };
}

const node = `Node ${process.versions.node}`;
const esbuild = `esbuild ${esbuildVersion}`;
const both = fixture("both");
const main = ["./main.js", "--no-experimental-require-module ./main.js"];
const openapi = "-p require.resolve('yandex-market-chats/openapi.yaml')";
const jest = "../node_modules/jest/bin/jest.js";
const tsc = "../node_modules/typescript/bin/tsc";
const vitest = "../node_modules/vitest/vitest.mjs run --globals";
const bundleBoth = (format: "esm" | "cjs", outfile: string) =>
  bundle("main.mjs", outfile, { platform: "node", format });
const bundleFor = (platform: "neutral" | "browser") =>
  bundle("read-chats.js", "read-chats.js", { platform, format: "esm", allowOverwrite: true });

const installFromGit: Step = (folder) => install(folder, [`git+file://${repository}`], "--ignore-scripts=false");

/** The recipe, with the client and the Redis of the test. */
const worker = recipe("bullmq", "worker.mjs", (code) =>
  ['import { market } from "./market.mjs";', code.replace("6379", "Number(process.env.REDIS_PORT)")].join("\n"),
);

/** Fast enough to run before every change. */
const quick: readonly Project[] = [
  ["", `${node}, ESM`, [javascript("esm")], main],
  ["", `${node}, CommonJS`, [javascript("cjs")], [...main, openapi]],
  ["", `${node}, require and import in one process`, [both], main.map((command) => command.replace(".js", ".mjs"))],
  ["", `${esbuild}, both in one ESM bundle`, [both, bundleBoth("esm", "dist/main.mjs")], ["./dist/main.mjs"]],
  ["", `${esbuild}, both in one CommonJS bundle`, [both, bundleBoth("cjs", "dist/main.js")], ["./dist/main.js"]],
  ["", `${esbuild}, bundled for the platform neutral`, [javascript("esm"), bundleFor("neutral")], ["./main.js"]],
  ["", `${esbuild}, bundled for the platform browser`, [javascript("esm"), bundleFor("browser")], ["./main.js"]],
  ["@vercel/nft", "only the traced files, ESM", [javascript("esm"), fixture("trace")], ["./trace.mjs"]],
  ["@vercel/nft", "only the traced files, CommonJS", [javascript("cjs"), fixture("trace")], ["./trace.mjs"]],
  ["jest", "CommonJS, no configuration", [javascript("cjs")], [jest]],
];

const jsdom = "the option fetch, and an error without it";
const mocked = "a 420 that waits, a redirect, a network error";

const slow: readonly Project[] = [
  ["", "npm install git+file://", [installFromGit, javascript("cjs")], main],
  ["ts-jest jest typescript", "module commonjs", [typescript, fixture("ts-jest-commonjs")], [jest]],
  ["ts-jest jest typescript", "module node16", [typescript, fixture("ts-jest-node16")], [jest]],
  ["@swc/jest @swc/core jest", "default options", [typescript, fixture("swc")], [jest]],
  ["babel-jest @babel/preset-env jest", "presets env and typescript", [typescript, fixture("babel")], [jest]],
  ["jest-environment-jsdom jest", jsdom, [javascript("cjs"), fixture("jsdom")], [`${jest} --env=./environment.cjs`]],
  ["vitest jsdom", "environment jsdom", [typescript], [`${vitest} --environment=jsdom`]],
  ["vitest happy-dom", "disableSameOriginPolicy", [typescript, fixture("happy-dom")], [vitest]],
  ["@nestjs/core ts-jest jest", "a provider, and its unit test", [fixture("nest")], [tsc, jest]],
  ["webpack", "require and import in one bundle", [both], ["./webpack.cjs", "./dist/main.js"]],
  ["msw", mocked, [fixture("mocks")], ["./msw.mjs"]],
  ["nock", mocked, [fixture("mocks")], ["./nock.mjs"]],
];

const bullmq: Project = [
  "bullmq ioredis",
  "exhausted quotas, killed workers",
  [fixture("bullmq"), worker],
  ["./run.mjs"],
];

const quickTools = "jest@30 @vercel/nft";

/** The newest versions that run on Node 20. */
const slowTools = `
  ts-jest@29 @types/jest@30 @swc/jest @swc/core babel-jest@30 @babel/core@7 @babel/preset-env@7
  @babel/preset-typescript@7 @nestjs/common@11 @nestjs/core@11 @nestjs/testing@11 reflect-metadata rxjs
  typescript@5.9 @types/node@20 webpack@5 vitest@4 jest-environment-jsdom@30 jsdom@26 happy-dom msw@2 nock@14
  bullmq ioredis`;

/** Installs the tools of the projects in a folder of their own. Those of the slow projects only if `all` is true. */
export async function installProjects(workspace: string, all: boolean): Promise<Row[]> {
  const folder = createProject(workspace, "projects");
  await install(folder, `${quickTools} ${all ? slowTools : ""}`.trim().split(/\s+/));
  const hasRedis = spawnSync("redis-server", ["--version"]).error === undefined;
  if (all && !hasRedis) console.error("redis-server is not installed: BullMQ is not tested");
  const projects = [...quick, ...(all ? slow : []), ...(all && hasRedis ? [bullmq] : [])];
  return projects.map((project) => createRow(folder, project));
}
