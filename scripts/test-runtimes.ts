/**
 * Runs the program of test:package on every runtime that the README names:
 *
 *     npm run test:runtimes
 *
 * The runtimes come from the npm registry, about a gigabyte of them. Prints the README's table. Exit code 0: the program
 * ran everywhere. 1: it did not.
 */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { runRows } from "./test-package/rows.js";
import { createWorkspace } from "./test-package/workspace.js";
import { installRuntimes } from "./test-runtimes/runtimes.js";

const { folder } = await createWorkspace();
const runtimes = await installRuntimes(folder);
// Bun and Deno put their caches there.
process.env["HOME"] = mkdtempSync(join(folder, "home-"));

const cells = (name: string, version: string) => `${name.padEnd(7)} | ${version.padEnd(10)}`;
console.log(`| ${cells("Runtime", "Version")} | Result |\n| ${cells("-------", "----------")} | ------ |`);
const rows = runtimes.map(({ name, version, run }) => ({ title: cells(name, version), run }));
await runRows(rows, (title, result) => `| ${title} | ${result.padEnd(6)} |`);
