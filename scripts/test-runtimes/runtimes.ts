/** The runtimes, each as the binary that its npm package holds. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { writeJavaScript } from "../test-package/program.js";
import { createProject, install, run, runProgram } from "../test-package/workspace.js";
import { runOnWorkerd } from "./workerd.js";

const nodeVersions = ["20", "22", "24", "26"];

/** Installs the runtimes for this machine in a folder of the workspace, and puts the program beside it. */
export async function installRuntimes(workspace: string) {
  const folder = createProject(workspace, "runtimes", "module");
  const nodePackage = `node-${process.platform}-${process.arch}`;
  const nodes = nodeVersions.map((version) => `node-${version}@npm:${nodePackage}@${version}`);
  await install(folder, [...nodes, "bun", "deno", "workerd"]);
  const packages = join(folder, "node_modules");
  const bun = join(onlyPackage(packages, "@oven"), "bin", "bun");
  const deno = join(onlyPackage(packages, "@deno"), "deno");
  const workerd = join(onlyPackage(packages, "@cloudflare"), "bin", "workerd");

  const project = createProject(workspace, "program", "module");
  await writeJavaScript(project, "esm", ["main", "read-chats"]);
  const bundled = createProject(workspace, "bundled-program", "module");
  const versions = nodeVersions.map((version) => join(packages, `node-${version}`, "bin", "node"));
  return Promise.all([
    ...versions.map((node) => runtime("Node", node, () => runProgram(project, node, ["main.js"]))),
    runtime("Bun", bun, () => runProgram(project, bun, ["--no-install", "main.js"])),
    runtime("Deno", deno, () => runProgram(project, deno, ["run", "--no-prompt", "--allow-net=127.0.0.1", "main.js"])),
    runtime("workerd", workerd, () => runOnWorkerd(bundled, workerd)),
  ]);
}

/** Where npm put the one package of a scope that is for this machine. */
function onlyPackage(packages: string, scope: string): string {
  const [name, ...others] = readdirSync(join(packages, scope));
  if (name === undefined || others.length > 0) {
    throw new Error(`there should be one package in ${scope} for ${process.platform} on ${process.arch}`);
  }
  return join(packages, scope, name);
}

/** The version is the one that the binary prints. */
async function runtime(name: string, binary: string, runIt: () => Promise<void>) {
  const output = await run(".", binary, ["--version"]);
  return { name, version: /\d[\d.-]*\d/.exec(output)?.[0] ?? output.trim(), run: runIt };
}
