/**
 * Packs the package, installs the tarball, and runs a small program against the mock server in every kind of project:
 *
 *     npm run test:package
 *     npm run test:package -- --all
 *
 * `--all` includes the projects that take long to install. Exit code 0: all passed. 1: at least one failed.
 */
import { version as esbuildVersion } from "esbuild";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { run } from "./test-package/command.js";
import { findProblems } from "./test-package/contents.js";
import { bundle, bundleForNode, runProgram, writeJavaScript } from "./test-package/program.js";
import { copyFixture, installProjects } from "./test-package/projects.js";
import { type Row, runRows } from "./test-package/rows.js";
import { installCompilers, typescriptRows } from "./test-package/typescript.js";
import {
  createProject,
  createWorkspace,
  packageName,
  readVersion,
  repository,
  type Workspace,
} from "./test-package/workspace.js";

/** What is said about the package by those who look at it without running it. */
function inspectionRows({ tarball, installed }: Workspace): Row[] {
  const tools = join(repository, "node_modules");
  const attw = join(tools, "@arethetypeswrong", "cli");
  return [
    {
      title: "the tarball holds all that it should, and nothing else",
      run: async () => refuse(findProblems(installed)),
    },
    {
      title: "the YAML and package.json are found by name",
      run: async () => {
        const { resolve } = createRequire(join(installed, "..", "user.js"));
        for (const file of ["openapi.yaml", "package.json"]) {
          readFileSync(resolve(`${packageName}/${file}`));
        }
      },
    },
    {
      title: `publint ${readVersion(join(tools, "publint"))}, strict`,
      async run() {
        const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
        refuse(messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code));
      },
    },
    {
      title: `attw ${readVersion(attw)}, node10, node16 and bundler`,
      async run() {
        // The YAML has no types, and programs do not import it.
        const options = ["--profile", "strict", "--exclude-entrypoints", "./openapi.yaml"];
        await run(repository, process.execPath, [join(attw, "dist", "index.js"), tarball, ...options]);
      },
    },
  ];
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) {
    throw new Error(problems.join("\n"));
  }
}

/** The program in JavaScript, as it is and bundled. */
function javascriptRows({ folder }: Workspace): Row[] {
  const { node } = process.versions;
  return [
    {
      title: `Node ${node}, ESM`,
      async run() {
        const project = createProject(folder, "esm", "module");
        await writeJavaScript(project, "esm", ["main", "read-chats"]);
        await runProgram(project);
      },
    },
    {
      title: `Node ${node}, CommonJS with require`,
      async run() {
        const project = createProject(folder, "commonjs", "commonjs");
        await writeJavaScript(project, "cjs", ["main", "read-chats"]);
        await runProgram(project);
      },
    },
    ...(["neutral", "browser"] as const).map((platform) => ({
      title: `esbuild ${esbuildVersion}, bundled for the platform ${platform}`,
      async run() {
        const project = createProject(folder, `bundle for ${platform}`, "module");
        await writeJavaScript(project, "esm", ["main"]);
        await bundle(project, platform, "read-chats.js");
        await runProgram(project);
      },
    })),
    {
      title: `Node ${node}, require and import in one process`,
      async run() {
        const project = createProject(folder, "both", "module");
        copyFixture("both", project);
        await runProgram(project, process.execPath, ["main.mjs"]);
      },
    },
    ...(["esm", "cjs"] as const).map((format) => ({
      title: `esbuild ${esbuildVersion}, require and import in one bundle, as ${format}`,
      async run() {
        const project = createProject(
          folder,
          `both in one bundle as ${format}`,
          format === "esm" ? "module" : "commonjs",
        );
        copyFixture("both", project);
        await bundleForNode(project, "main.mjs", format, "bundle.js");
        await runProgram(project, process.execPath, ["bundle.js"]);
      },
    })),
  ];
}

const { values } = parseArgs({ options: { all: { type: "boolean", default: false } } });
const workspace = await createWorkspace();
await installCompilers(workspace.folder);
const rows = [
  ...inspectionRows(workspace),
  ...javascriptRows(workspace),
  ...(await installProjects(workspace.folder, values.all)),
  ...typescriptRows(workspace.folder),
];
await runRows(rows, (title, result) => `${result.padEnd(4)}  ${title}`);
