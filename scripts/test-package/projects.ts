/** The package in projects of users: plain Node.js, bundlers, test runners, mocking libraries, frameworks. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { version as esbuildVersion } from "esbuild";
import { bundle, copyFixture, copyProgram, readRecipe, writeJavaScript } from "./program.js";
import type { Row } from "./rows.js";
import { createProject, install, readVersion, repository, run, runProgram } from "./workspace.js";

export interface Project {
  readonly title: string;
  /** @default "commonjs" */
  readonly type?: "module" | "commonjs";
  /** Writes the files of the project into its folder. */
  readonly write: (folder: string) => unknown;
  /** Arguments of Node, separated by spaces. Scripts called `main` must print the number of chats. */
  readonly commands: readonly string[];
  /** A program without which the project is skipped. */
  readonly requires?: string;
}

/** Creates the project in a folder, and runs its commands. */
export function createRow(parent: string, { title, type = "commonjs", write, commands, requires }: Project): Row {
  return {
    title,
    async run() {
      if (requires !== undefined && spawnSync(requires, ["--version"]).error !== undefined) {
        return `${requires} is not installed`;
      }
      const folder = createProject(parent, title, type);
      await write(folder);
      for (const command of commands) {
        const runCommand = /\bmain\.m?js$/.test(command) ? runProgram : run;
        await runCommand(folder, process.execPath, command.split(" "));
      }
      return undefined;
    },
  };
}

const packages = "../node_modules";
const jest = `${packages}/jest/bin/jest.js`;
const vitest = `${packages}/vitest/vitest.mjs run --globals`;
const main = ["./main.js", "--no-experimental-require-module ./main.js"];

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

/** Projects that are fast enough to run before every change. */
function createQuickProjects(showVersions: (...tools: string[]) => string): Project[] {
  const node = `Node ${process.versions.node}`;
  const esbuild = `esbuild ${esbuildVersion}`;
  const formats = [
    { format: "esm", name: "ESM", type: "module" },
    { format: "cjs", name: "CommonJS", type: "commonjs" },
  ] as const;
  return [
    ...formats.flatMap(({ format, name, type }): Project[] => [
      {
        title: `${node}, ${name}`,
        type,
        write: javascript(format),
        commands: [...main, "-p require.resolve('yandex-market-chats/openapi.yaml')"],
      },
      {
        title: `${showVersions("@vercel/nft")}: only the traced files, ${name}`,
        type,
        async write(folder) {
          await javascript(format)(folder);
          copyFixture("trace", folder);
        },
        commands: ["./trace.mjs"],
      },
      {
        title: `${esbuild}, require and import in one bundle for type ${type}`,
        type,
        async write(folder) {
          copyFixture("both", folder);
          await bundle(folder, "main.mjs", { platform: "node", format, outfile: "main.js" });
        },
        commands: ["./main.js"],
      },
    ]),
    {
      title: `${node}, require and import in one process`,
      write: fixture("both"),
      commands: ["./main.mjs", "--no-experimental-require-module ./main.mjs"],
    },
    ...(["neutral", "browser"] as const).map((platform): Project => ({
      title: `${esbuild}, bundled for the platform ${platform}`,
      type: "module",
      async write(folder) {
        await writeJavaScript(folder, "esm", ["main"]);
        copyProgram(folder);
        await bundle(folder, "read-chats.ts", { platform, format: "esm", outfile: "read-chats.js" });
      },
      commands: ["./main.js"],
    })),
    {
      title: `${showVersions("jest")}: CommonJS, no configuration`,
      write: (folder) => writeJavaScript(folder, "cjs", ["chats.test", "read-chats"]),
      commands: [jest],
    },
  ];
}

const presets = [["@babel/preset-env", { targets: { node: "current" } }], "@babel/preset-typescript"];
const disableSameOriginPolicy = "{ happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } } }";

function createSlowProjects(showVersions: (...tools: string[]) => string): Project[] {
  return [
    {
      title: "npm install git+file://",
      async write(folder) {
        await install(folder, [`git+file://${repository}`], "--ignore-scripts=false");
        await javascript("cjs")(folder);
      },
      commands: main,
    },
    ...["commonjs", "node16"].map((module) => ({
      title: `${showVersions("ts-jest", "jest", "typescript")}: module ${module}`,
      write: typescript({
        "jest.config.json": { preset: "ts-jest" },
        "tsconfig.json": { compilerOptions: { module, target: "es2022", strict: true, esModuleInterop: true } },
      }),
      commands: [jest],
    })),
    {
      title: `${showVersions("@swc/jest", "@swc/core", "jest")}: default options`,
      write: typescript({ "jest.config.json": { transform: { "\\.tsx?$": "@swc/jest" } } }),
      commands: [jest],
    },
    {
      title: `${showVersions("babel-jest", "@babel/preset-env", "jest")}: presets env and typescript`,
      write: typescript({ "babel.config.json": { presets } }),
      commands: [jest],
    },
    {
      title: `${showVersions("jest-environment-jsdom", "jest")}: the option fetch, and an error without it`,
      async write(folder) {
        await writeJavaScript(folder, "cjs", ["read-chats"]);
        copyFixture("jsdom", folder);
      },
      commands: [`${jest} --env=./environment.cjs`],
    },
    {
      title: `${showVersions("vitest", "jsdom")}: environment jsdom`,
      write: typescript(),
      commands: [`${vitest} --environment=jsdom`],
    },
    {
      title: `${showVersions("vitest", "happy-dom")}: environment happy-dom, disableSameOriginPolicy`,
      write: typescript({
        "vitest.config.mjs": `export default { test: { environmentOptions: ${disableSameOriginPolicy} } };`,
      }),
      commands: [`${vitest} --environment=happy-dom`],
    },
    {
      title: `${showVersions("@nestjs/core", "typescript")}: a provider`,
      write: fixture("nest"),
      commands: [`${packages}/typescript/bin/tsc`, "./dist/main.js"],
    },
    {
      title: `${showVersions("@nestjs/testing", "ts-jest", "jest")}: a unit test of the provider`,
      write: fixture("nest"),
      commands: [jest],
    },
    {
      title: `${showVersions("webpack")}: require and import in one bundle`,
      write: fixture("both"),
      commands: ["./webpack.cjs", "./dist/main.js"],
    },
    ...["msw", "nock"].map((tool) => ({
      title: `${showVersions(tool)}: a 420 that waits, a redirect, a network error`,
      write: fixture("mocks"),
      commands: [`./${tool}.mjs`],
    })),
    {
      title: `${showVersions("bullmq", "ioredis")}: two cabinets, exhausted quotas, killed workers`,
      async write(folder) {
        copyFixture("bullmq", folder);
        const recipe = (await readRecipe("bullmq")).replace("6379", "Number(process.env.REDIS_PORT)");
        writeFileSync(join(folder, "worker.mjs"), `import { market } from "./market.mjs";\n${recipe}`);
      },
      commands: ["./run.mjs"],
      requires: "redis-server",
    },
  ];
}

const quickTools = ["jest@30", "@vercel/nft"];

/** The newest versions that run on Node 20. */
const slowTools = [
  "ts-jest@29 @types/jest@30 @swc/jest @swc/core babel-jest@30 @babel/core@7 @babel/preset-env@7",
  "@babel/preset-typescript@7 @nestjs/common@11 @nestjs/core@11 @nestjs/testing@11 reflect-metadata rxjs",
  "typescript@5.9 @types/node@20 webpack@5 vitest@4 jest-environment-jsdom@30 jsdom@26 happy-dom msw@2 nock@14",
  "bullmq ioredis",
].flatMap((tools) => tools.split(" "));

/**
 * Installs the tools of the projects in a folder of their own.
 *
 * @param all - Whether to include the slow projects.
 */
export async function installProjects(workspace: string, all: boolean): Promise<Row[]> {
  const folder = createProject(workspace, "projects", "commonjs");
  await install(folder, [...quickTools, ...(all ? slowTools : [])]);
  const showVersions = (...tools: string[]) =>
    tools.map((tool) => `${tool} ${readVersion(join(folder, "node_modules", tool))}`).join(", ");
  const projects = [...createQuickProjects(showVersions), ...(all ? createSlowProjects(showVersions) : [])];
  return projects.map((project) => createRow(folder, project));
}
