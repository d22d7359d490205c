/**
 * Runs the program of test:package on every runtime that the README names, and prints their versions:
 *
 *     npm run test:runtimes
 *
 * The runtimes are installed from the npm registry: about a gigabyte. Exit code 0: the program ran on each of them.
 * 1: at least one failed.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { javascript } from "./test-package/program.js";
import { runRows } from "./test-package/rows.js";
import { runOnWorkerd } from "./test-package/workerd.js";
import { createProject, createWorkspace, install, installNode, run, runProgram } from "./test-package/workspace.js";

const { folder } = await createWorkspace();
// Bun and Deno write their caches there.
process.env["HOME"] = createProject(folder, "home");
const project = createProject(folder, "program");
await javascript("esm")(project);

const runtimes = createProject(folder, "runtimes");
await install(runtimes, ["bun", "deno", "workerd"]);
/** The binary is in a package of its own, of which npm installs the one for this machine. */
const findBinary = (scope: string, file: string) => {
  const packages = join(runtimes, "node_modules", scope);
  return join(packages, String(readdirSync(packages)[0]), file);
};
const bun = findBinary("@oven", "bin/bun");
const deno = findBinary("@deno", "deno");
const workerd = findBinary("@cloudflare", "bin/workerd");

const createRow = async (name: string, binary: string, runRow: () => Promise<void>) => {
  const version = /\d[\d.-]*\d/.exec(await run(".", binary, ["--version"]))?.[0];
  return { title: `${name} ${version}`, run: runRow };
};
const rows = [
  ...["20", "22", "24", "26"].map(async (version) => {
    const node = await installNode(folder, version);
    return createRow("Node", node, () => runProgram(project, node, ["main.js"]));
  }),
  createRow("Bun", bun, () => runProgram(project, bun, ["--no-install", "main.js"])),
  createRow("Deno", deno, () => runProgram(project, deno, ["run", "--no-prompt", "--allow-net=127.0.0.1", "main.js"])),
  createRow("workerd", workerd, () => runOnWorkerd(createProject(folder, "workers"), workerd)),
];
runRows("the packed package", await Promise.all(rows));
