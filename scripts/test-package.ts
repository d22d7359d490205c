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
import { bundle, copyProgram, runProgram, writeJavaScript } from "./test-package/program.js";
import { copyFixture, installProjects } from "./test-package/projects.js";
import { type Row, runRows } from "./test-package/rows.js";
import { installCompilers, typescriptRows } from "./test-package/typescript.js";
import { createProject, createWorkspace, packageName, readVersion, repository } from "./test-package/workspace.js";
import type { Workspace } from "./test-package/workspace.js";

/** Tools that inspect the package without running it. */
function inspectionRows({ tarball, installed }: Workspace): Row[] {
  const tools = join(repository, "node_modules");
  const attw = join(tools, "@arethetypeswrong", "cli");
  const row = (title: string, run: () => Promise<void>): Row => ({ title, run });
  return [
    row("the tarball has the expected files", async () => refuse(findProblems(installed))),
    row("openapi.yaml and package.json can be resolved", async () => {
      const { resolve } = createRequire(join(installed, "..", "user.js"));
      ["openapi.yaml", "package.json"].forEach((file) => readFileSync(resolve(`${packageName}/${file}`)));
    }),
    row(`publint ${readVersion(join(tools, "publint"))}, strict`, async () => {
      const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
      refuse(messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code));
    }),
    row(`attw ${readVersion(attw)}, node10, node16 and bundler`, async () => {
      // The YAML has no types, and programs do not import it.
      const options = ["--profile", "strict", "--exclude-entrypoints", "./openapi.yaml"];
      await run(repository, process.execPath, [join(attw, "dist", "index.js"), tarball, ...options]);
    }),
  ];
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) {
    throw new Error(problems.join("\n"));
  }
}

/** The program in JavaScript, as it is and bundled. */
function javascriptRows({ folder }: Workspace): Row[] {
  const node = `Node ${process.versions.node}`;
  const esbuild = `esbuild ${esbuildVersion}`;
  type Type = "module" | "commonjs";
  const row = (title: string, type: Type, write: (project: string) => unknown, script = "main.js") => ({
    title,
    async run() {
      const project = createProject(folder, title, type);
      await write(project);
      await runProgram(project, process.execPath, [script]);
    },
  });
  const bundled = (platform: "neutral" | "browser") =>
    row(`${esbuild}, bundled for the platform ${platform}`, "module", async (project) => {
      await writeJavaScript(project, "esm", ["main"]);
      copyProgram(project);
      await bundle(project, "read-chats.ts", { platform, format: "esm", outfile: "read-chats.js" });
    });
  const both = (type: Type) =>
    row(`${esbuild}, require and import in one bundle for type ${type}`, type, async (project) => {
      copyFixture("both", project);
      const format = type === "module" ? "esm" : "cjs";
      await bundle(project, "main.mjs", { platform: "node", format, outfile: "main.js" });
    });
  return [
    row(`${node}, ESM`, "module", (project) => writeJavaScript(project, "esm", ["main", "read-chats"])),
    row(`${node}, CommonJS`, "commonjs", (project) => writeJavaScript(project, "cjs", ["main", "read-chats"])),
    row(`${node}, require and import in one process`, "module", (project) => copyFixture("both", project), "main.mjs"),
    both("module"),
    both("commonjs"),
    bundled("neutral"),
    bundled("browser"),
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
