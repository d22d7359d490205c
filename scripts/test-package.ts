/**
 * Packs the package, installs the tarball, and runs a small program against the mock server in every kind of project:
 *
 *     npm run test:package
 *     npm run test:package -- --all
 *
 * `--all` includes the projects that take long to install. Exit code 0: all passed. 1: at least one failed.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repository } from "./build.js";
import { checkContents } from "./test-package/contents.js";
import { installProjects } from "./test-package/projects.js";
import { type Row, runRows } from "./test-package/rows.js";
import { installTypeScript } from "./test-package/typescript.js";
import { createWorkspace, run } from "./test-package/workspace.js";

const { values } = parseArgs({ options: { all: { type: "boolean", default: false } } });
const { folder, tarball, installed } = await createWorkspace();

const inspect = (script: string, ...args: string[]) =>
  run(repository, process.execPath, [join(repository, "node_modules", script), tarball, ...args]);
const inspections: Row[] = [
  { title: "the tarball has the expected files", run: async () => checkContents(installed) },
  {
    title: "publint, strict",
    async run() {
      const output = await inspect("publint/src/cli.js", "--strict");
      // Suggestions have no effect on the exit code.
      if (!output.includes("All good!")) throw new Error(output);
    },
  },
  {
    title: "attw, node10, node16 and bundler",
    async run() {
      // The YAML has no types, and programs do not import it.
      const options = ["--profile", "strict", "--exclude-entrypoints", "./openapi.yaml"];
      await inspect("@arethetypeswrong/cli/dist/index.js", ...options);
    },
  },
];
const projects = await installProjects(folder, values.all);
const compilers = await installTypeScript(folder);
runRows("the packed package", [...inspections, ...projects, ...compilers]);
