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
import { checkContents } from "./test-package/contents.js";
import { installProjects } from "./test-package/projects.js";
import { type Row, runRows } from "./test-package/rows.js";
import { installTypeScript } from "./test-package/typescript.js";
import { createWorkspace, readVersion, repository, run, type Workspace } from "./test-package/workspace.js";

/** Checks that inspect the package without running it. */
function inspectionRows({ tarball, installed }: Workspace): Row[] {
  const publint = join(repository, "node_modules/publint");
  const attw = join(repository, "node_modules/@arethetypeswrong/cli");
  const inspect = (script: string, ...args: string[]) => run(repository, process.execPath, [script, tarball, ...args]);
  return [
    { title: "the tarball has the expected files", run: async () => checkContents(installed) },
    {
      title: `publint ${readVersion(publint)}, strict`,
      async run() {
        const output = await inspect(join(publint, "src/cli.js"), "--strict");
        // Suggestions have no effect on the exit code.
        if (!output.includes("All good!")) throw new Error(output);
      },
    },
    {
      title: `attw ${readVersion(attw)}, node10, node16 and bundler`,
      async run() {
        // The YAML has no types, and programs do not import it.
        await inspect(join(attw, "dist/index.js"), "--profile", "strict", "--exclude-entrypoints", "./openapi.yaml");
      },
    },
  ];
}

const { values } = parseArgs({ options: { all: { type: "boolean", default: false } } });
const workspace = await createWorkspace();
const typescriptRows = await installTypeScript(workspace.folder);
const projectRows = await installProjects(workspace.folder, values.all);
const rows = [...inspectionRows(workspace), ...projectRows, ...typescriptRows];
await runRows(rows, (title, result) => `${result.padEnd(4)}  ${title}`);
