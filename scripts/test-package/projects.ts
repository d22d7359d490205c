/** The package in projects of users: test runners, mocking libraries, bundlers, a framework; all with default settings. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./command.js";
import { copyProgram, writeJavaScript } from "./program.js";
import type { Row } from "./rows.js";
import { createProject, install, readVersion } from "./workspace.js";

type Command = readonly [script: string, ...args: string[]];

/** A folder in `projects`, or the test of the program, in TypeScript or as the JavaScript of a CommonJS project. */
type Files = "typescript" | "javascript" | "both" | "mocks" | "nest";

type Project = ReturnType<typeof project>;

/**
 * @param tools - The tools whose versions the report shows, the tool under test first.
 * @param commands - Scripts of the project if they begin with `./`, otherwise of an installed package.
 * @param configuration - Configuration files and what they contain: a text, or JSON.
 */
const project = (
  tools: string,
  setting: string,
  files: Files,
  commands: readonly Command[],
  configuration: Readonly<Record<string, string | object>> = {},
) => ({ tools: tools.split(" "), setting, files, commands, configuration });

const jest: Command = ["jest/bin/jest.js"];
const vitest = (environment: string): Command => [
  "vitest/vitest.mjs",
  "run",
  "--globals",
  `--environment=${environment}`,
];

/** Quick enough to run before every change. */
const quick = [project("jest", "CommonJS, no configuration", "javascript", [jest])];

const presets = [["@babel/preset-env", { targets: { node: "current" } }], "@babel/preset-typescript"];
const disableSameOriginPolicy = "{ happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } } }";

const slow = [
  ...["commonjs", "node16"].map((module) =>
    project("ts-jest jest typescript", `module ${module}`, "typescript", [jest], {
      "jest.config.json": { preset: "ts-jest" },
      "tsconfig.json": { compilerOptions: { module, target: "es2022", strict: true, esModuleInterop: true } },
    }),
  ),
  project("@swc/jest @swc/core jest", "default options", "typescript", [jest], {
    "jest.config.json": { transform: { "\\.tsx?$": "@swc/jest" } },
  }),
  project("babel-jest @babel/preset-env jest", "presets env and typescript", "typescript", [jest], {
    "babel.config.json": { presets },
  }),
  project("@nestjs/core typescript", "a provider", "nest", [["typescript/bin/tsc"], ["./dist/main.js"]]),
  project("@nestjs/testing ts-jest jest", "a unit test of the provider", "nest", [jest]),
  project("webpack", "require and import in one bundle", "both", [["./webpack.cjs"], ["./dist/main.js"]]),
  project("vitest jsdom", "environment jsdom", "typescript", [vitest("jsdom")]),
  project("vitest happy-dom", "environment happy-dom, disableSameOriginPolicy", "typescript", [vitest("happy-dom")], {
    "vitest.config.mjs": `export default { test: { environmentOptions: ${disableSameOriginPolicy} } };`,
  }),
  ...["msw", "nock"].map((tool) =>
    project(tool, "a 420 that waits, a redirect, a network error", "mocks", [[`./${tool}.mjs`]]),
  ),
];

/** The newest versions that run on Node 20. */
const slowTools = [
  "ts-jest@29 @types/jest@30 @swc/jest @swc/core babel-jest@30 @babel/core@7 @babel/preset-env@7",
  "@babel/preset-typescript@7 @nestjs/common@11 @nestjs/core@11 @nestjs/testing@11 reflect-metadata rxjs",
  "typescript@5.9 @types/node@20 webpack@5 vitest@4 jsdom@26 happy-dom msw@2 nock@14",
].flatMap((tools) => tools.split(" "));

/**
 * Installs the tools of the projects in a folder of their own.
 *
 * @param all - Whether to include the slow projects.
 */
export async function installProjects(workspace: string, all: boolean): Promise<Row[]> {
  const folder = createProject(workspace, "projects", "commonjs");
  await install(folder, ["jest@30", ...(all ? slowTools : [])]);
  return [...quick, ...(all ? slow : [])].map((each) => projectRow(folder, each));
}

function projectRow(workspace: string, { tools, setting, files, commands, configuration }: Project): Row {
  const packages = join(workspace, "node_modules");
  const title = `${tools.map((tool) => `${tool} ${readVersion(join(packages, tool))}`).join(", ")}: ${setting}`;
  return {
    title,
    async run() {
      const folder = createProject(workspace, title, "commonjs");
      if (files === "javascript") {
        await writeJavaScript(folder, "cjs", ["chats.test", "read-chats"]);
      } else if (files === "typescript") {
        copyProgram(folder);
      } else {
        copyFixture(files, folder);
      }
      for (const [file, value] of Object.entries(configuration)) {
        writeFileSync(join(folder, file), typeof value === "string" ? value : JSON.stringify(value));
      }
      for (const [script, ...args] of commands) {
        const path = join(script.startsWith("./") ? folder : packages, script);
        await run(folder, process.execPath, [path, ...args]);
      }
    },
  };
}

/** Copies a folder of `projects` to a project. */
export function copyFixture(name: "both" | "mocks" | "nest", folder: string): void {
  cpSync(fileURLToPath(new URL(`projects/${name}`, import.meta.url)), folder, { recursive: true });
}
