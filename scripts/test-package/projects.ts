/** The package in projects of users: test runners, mocking libraries, bundlers, a framework; all with default settings. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./command.js";
import { copyProgram, writeJavaScript } from "./program.js";
import type { Row } from "./rows.js";
import { createProject, install, readVersion } from "./workspace.js";

interface Project {
  /** The tools whose versions the report shows, the tool under test first. */
  readonly tools: readonly string[];
  readonly setting: string;
  /** A folder in `projects`, or the test of the program, in TypeScript or as the JavaScript of a CommonJS project. */
  readonly files: "typescript" | "javascript" | "both" | "mocks" | "nest";
  /** Configuration files and what they contain: a text, or JSON. */
  readonly configuration?: Readonly<Record<string, string | object>>;
  /** Scripts with their arguments: of the project if they begin with `./`, otherwise of an installed package. */
  readonly commands: readonly (readonly [script: string, ...args: string[]])[];
}

const jest = ["jest/bin/jest.js"] as const;
const tsc = ["typescript/bin/tsc"] as const;

/** What `ts-jest` and `tsc` need to know, and no more. */
const tsconfig = (module: string) => ({
  compilerOptions: { module, target: "es2022", strict: true, esModuleInterop: true },
});

const useTransform = (transform: unknown) => ({ "jest.config.json": { transform: { "\\.tsx?$": transform } } });

const vitest = (environment: string) =>
  ["vitest/vitest.mjs", "run", "--globals", "--environment", environment] as const;

/** Cheap enough to run before every change. */
const quick: readonly Project[] = [
  { tools: ["jest"], setting: "CommonJS, no configuration", files: "javascript", commands: [jest] },
];

const slow: readonly Project[] = [
  ...["commonjs", "node16"].map((module): Project => ({
    tools: ["ts-jest", "jest", "typescript"],
    setting: `module ${module}`,
    files: "typescript",
    configuration: { "jest.config.json": { preset: "ts-jest" }, "tsconfig.json": tsconfig(module) },
    commands: [jest],
  })),
  {
    tools: ["@swc/jest", "@swc/core", "jest"],
    setting: "no options",
    files: "typescript",
    configuration: useTransform("@swc/jest"),
    commands: [jest],
  },
  {
    tools: ["babel-jest", "@babel/preset-env", "jest"],
    setting: "presets env and typescript",
    files: "typescript",
    configuration: {
      "babel.config.json": {
        presets: [["@babel/preset-env", { targets: { node: "current" } }], "@babel/preset-typescript"],
      },
    },
    commands: [jest],
  },
  {
    tools: ["@nestjs/core", "typescript"],
    setting: "a provider, built with tsc",
    files: "nest",
    commands: [tsc, ["./dist/main.js"]],
  },
  { tools: ["@nestjs/testing", "ts-jest"], setting: "a unit test of the provider", files: "nest", commands: [jest] },
  {
    tools: ["webpack"],
    setting: "import and require",
    files: "both",
    commands: [["./webpack.cjs"], ["./dist/main.js"]],
  },
  { tools: ["vitest", "jsdom"], setting: "environment jsdom", files: "typescript", commands: [vitest("jsdom")] },
  {
    tools: ["vitest", "happy-dom"],
    setting: "environment happy-dom, disableSameOriginPolicy",
    files: "typescript",
    configuration: {
      "vitest.config.mjs":
        "export default { test: { environmentOptions: { happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } } } } };",
    },
    commands: [vitest("happy-dom")],
  },
  ...["msw", "nock"].map((tool): Project => ({
    tools: [tool],
    setting: "a 420 that waits, a redirect, a network error",
    files: "mocks",
    commands: [[`./${tool}.mjs`]],
  })),
];

/** The newest versions that run on Node 20. */
const slowTools = [
  ...[
    "ts-jest@29",
    "@types/jest@30",
    "@swc/jest",
    "@swc/core",
    "babel-jest@30",
    "@babel/core@7",
    "@babel/preset-env@7",
  ],
  ...["@babel/preset-typescript@7", "@nestjs/common@11", "@nestjs/core@11", "@nestjs/testing@11", "reflect-metadata"],
  ...["rxjs", "typescript@5.9", "@types/node@20", "webpack@5", "vitest@4", "jsdom@26", "happy-dom", "msw@2", "nock@14"],
];

/**
 * Installs the tools of the projects in a folder of their own.
 *
 * @param all - Whether to include the slow projects.
 */
export async function installProjects(workspace: string, all: boolean): Promise<Row[]> {
  const folder = createProject(workspace, "projects", "commonjs");
  await install(folder, ["jest@30", ...(all ? slowTools : [])]);
  return [...quick, ...(all ? slow : [])].map((project) => projectRow(folder, project));
}

function projectRow(folder: string, { tools, setting, files, configuration, commands }: Project): Row {
  const packages = join(folder, "node_modules");
  const versions = tools.map((tool) => `${tool} ${readVersion(join(packages, tool))}`);
  const title = `${versions.join(", ")}: ${setting}`;
  return {
    title,
    async run() {
      const project = createProject(folder, title, "commonjs");
      if (files === "javascript") {
        await writeJavaScript(project, "cjs", ["chats.test", "read-chats"]);
      } else if (files === "typescript") {
        copyProgram(project);
      } else {
        copyFixture(files, project);
      }
      for (const [file, value] of Object.entries(configuration ?? {})) {
        writeFileSync(join(project, file), typeof value === "string" ? value : JSON.stringify(value));
      }
      for (const [script, ...args] of commands) {
        const path = script.startsWith("./") ? join(project, script) : join(packages, script);
        await run(project, process.execPath, [path, ...args]);
      }
    },
  };
}

/** Puts a folder of `projects` into a project. */
export function copyFixture(name: "both" | "mocks" | "nest", project: string): void {
  cpSync(fileURLToPath(new URL(`projects/${name}`, import.meta.url)), project, { recursive: true });
}
