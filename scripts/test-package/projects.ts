/** The package in projects of users: plain Node.js, bundlers, test runners, mocking libraries, frameworks. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { version as esbuildVersion } from "esbuild";
import { bundle, copyFixture, copyProgram, readRecipe, writeJavaScript } from "./program.js";
import type { Row } from "./rows.js";
import { createProject, install, readVersion, repository, run, runProgram } from "./workspace.js";

/**
 * @param tools - The packages whose versions the report shows, separated by spaces.
 * @param write - Writes the files of the project into its folder. Returns a reason if the project cannot run here.
 * @param commands - Arguments of Node, separated by spaces. Scripts called `main` must print the number of chats.
 */
export const project = (
  tools: string,
  setting: string,
  write: (folder: string) => Promise<string | void> | void,
  commands: readonly string[],
  type: "module" | "commonjs" = "commonjs",
) => ({ tools: tools.split(" ").filter(Boolean), setting, write, commands, type });

/** Creates the project in a folder, and runs its commands. */
export function createRow(parent: string, { tools, setting, write, commands, type }: ReturnType<typeof project>): Row {
  const versions = tools.map((tool) => `${tool} ${readVersion(join(parent, "node_modules", tool))}`);
  const title = [versions.join(", "), setting].filter(Boolean).join(": ");
  return {
    title,
    async run() {
      const folder = createProject(parent, title, type);
      const reason = await write(folder);
      for (const command of reason === undefined ? commands : []) {
        const runCommand = /\bmain\.m?js$/.test(command) ? runProgram : run;
        await runCommand(folder, process.execPath, command.split(" "));
      }
      return reason;
    },
  };
}

const packages = "../node_modules";
const jest = `${packages}/jest/bin/jest.js`;
const vitest = `${packages}/vitest/vitest.mjs run --globals`;
const withoutRequireModule = "--no-experimental-require-module";
const main = ["./main.js", `${withoutRequireModule} ./main.js`];

const fixture = (name: string) => (folder: string) => copyFixture(name, folder);

const javascript = (format: "esm" | "cjs") => (folder: string) =>
  writeJavaScript(folder, format, ["main", "read-chats"]);

/** The program and its test in TypeScript, and configuration files. */
const typescript =
  (configuration: Readonly<Record<string, string | object>> = {}) =>
  (folder: string): void => {
    copyProgram(folder);
    for (const [file, value] of Object.entries(configuration)) {
      writeFileSync(join(folder, file), typeof value === "string" ? value : JSON.stringify(value));
    }
  };

const traced = (format: "esm" | "cjs") => async (folder: string) => {
  await javascript(format)(folder);
  copyFixture("trace", folder);
};

const bundled = (platform: "neutral" | "browser") => async (folder: string) => {
  await writeJavaScript(folder, "esm", ["main"]);
  copyProgram(folder);
  await bundle(folder, "read-chats.ts", { platform, format: "esm", outfile: "read-chats.js" });
};

const bothBundled = (format: "esm" | "cjs") => async (folder: string) => {
  copyFixture("both", folder);
  await bundle(folder, "main.mjs", { platform: "node", format, outfile: "main.js" });
};

const node = `Node ${process.versions.node}`;
const esbuild = `esbuild ${esbuildVersion}`;
const openapi = "-p require.resolve('yandex-market-chats/openapi.yaml')";

/** Fast enough to run before every change. */
const quick = [
  project("", `${node}, ESM`, javascript("esm"), main, "module"),
  project("", `${node}, CommonJS`, javascript("cjs"), [...main, openapi]),
  project("", `${node}, require and import in one process`, fixture("both"), [
    "./main.mjs",
    `${withoutRequireModule} ./main.mjs`,
  ]),
  project("", `${esbuild}, require and import in one ESM bundle`, bothBundled("esm"), ["./main.js"], "module"),
  project("", `${esbuild}, require and import in one CommonJS bundle`, bothBundled("cjs"), ["./main.js"]),
  project("", `${esbuild}, bundled for the platform neutral`, bundled("neutral"), ["./main.js"], "module"),
  project("", `${esbuild}, bundled for the platform browser`, bundled("browser"), ["./main.js"], "module"),
  project("@vercel/nft", "only the traced files, ESM", traced("esm"), ["./trace.mjs"], "module"),
  project("@vercel/nft", "only the traced files, CommonJS", traced("cjs"), ["./trace.mjs"]),
  project(
    "jest",
    "CommonJS, no configuration",
    (folder) => writeJavaScript(folder, "cjs", ["chats.test", "read-chats"]),
    [jest],
  ),
];

const presets = [["@babel/preset-env", { targets: { node: "current" } }], "@babel/preset-typescript"];
const disableSameOriginPolicy = "{ happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } } }";

const tsJest = (module: string) =>
  typescript({
    "jest.config.json": { preset: "ts-jest" },
    "tsconfig.json": { compilerOptions: { module, target: "es2022", strict: true, esModuleInterop: true } },
  });

async function writeGitProject(folder: string): Promise<void> {
  await install(folder, [`git+file://${repository}`], "--ignore-scripts=false");
  await javascript("cjs")(folder);
}

async function writeJsdomProject(folder: string): Promise<void> {
  await writeJavaScript(folder, "cjs", ["read-chats"]);
  copyFixture("jsdom", folder);
}

async function writeBullmqProject(folder: string): Promise<string | void> {
  if (spawnSync("redis-server", ["--version"]).error !== undefined) return "redis-server is not installed";
  copyFixture("bullmq", folder);
  const recipe = (await readRecipe("bullmq")).replace("6379", "Number(process.env.REDIS_PORT)");
  writeFileSync(join(folder, "worker.mjs"), `import { market } from "./market.mjs";\n${recipe}`);
}

const slow = [
  project("", "npm install git+file://", writeGitProject, main),
  project("ts-jest jest typescript", "module commonjs", tsJest("commonjs"), [jest]),
  project("ts-jest jest typescript", "module node16", tsJest("node16"), [jest]),
  project(
    "@swc/jest @swc/core jest",
    "default options",
    typescript({ "jest.config.json": { transform: { "\\.tsx?$": "@swc/jest" } } }),
    [jest],
  ),
  project(
    "babel-jest @babel/preset-env jest",
    "presets env and typescript",
    typescript({ "babel.config.json": { presets } }),
    [jest],
  ),
  project("jest-environment-jsdom jest", "the option fetch, and an error without it", writeJsdomProject, [
    `${jest} --env=./environment.cjs`,
  ]),
  project("vitest jsdom", "environment jsdom", typescript(), [`${vitest} --environment=jsdom`]),
  project(
    "vitest happy-dom",
    "environment happy-dom, disableSameOriginPolicy",
    typescript({
      "vitest.config.mjs": `export default { test: { environmentOptions: ${disableSameOriginPolicy} } };`,
    }),
    [`${vitest} --environment=happy-dom`],
  ),
  project("@nestjs/core typescript", "a provider", fixture("nest"), [
    `${packages}/typescript/bin/tsc`,
    "./dist/main.js",
  ]),
  project("@nestjs/testing ts-jest jest", "a unit test of the provider", fixture("nest"), [jest]),
  project("webpack", "require and import in one bundle", fixture("both"), ["./webpack.cjs", "./dist/main.js"]),
  project("msw", "a 420 that waits, a redirect, a network error", fixture("mocks"), ["./msw.mjs"]),
  project("nock", "a 420 that waits, a redirect, a network error", fixture("mocks"), ["./nock.mjs"]),
  project("bullmq ioredis", "two cabinets, exhausted quotas, killed workers", writeBullmqProject, ["./run.mjs"]),
];

const quickTools = "jest@30 @vercel/nft";

/** The newest versions that run on Node 20. */
const slowTools = `
  ts-jest@29 @types/jest@30 @swc/jest @swc/core babel-jest@30 @babel/core@7 @babel/preset-env@7
  @babel/preset-typescript@7 @nestjs/common@11 @nestjs/core@11 @nestjs/testing@11 reflect-metadata rxjs
  typescript@5.9 @types/node@20 webpack@5 vitest@4 jest-environment-jsdom@30 jsdom@26 happy-dom msw@2 nock@14
  bullmq ioredis`;

/**
 * Installs the tools of the projects in a folder of their own.
 *
 * @param all - Whether to include the slow projects.
 */
export async function installProjects(workspace: string, all: boolean): Promise<Row[]> {
  const folder = createProject(workspace, "projects", "commonjs");
  await install(folder, `${quickTools} ${all ? slowTools : ""}`.trim().split(/\s+/));
  return [...quick, ...(all ? slow : [])].map((each) => createRow(folder, each));
}
