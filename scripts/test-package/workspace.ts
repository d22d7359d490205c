/** A folder with nothing in it but the package, as it comes out of the registry. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./command.js";

export const packageName = "yandex-market-chats";
export const repository = fileURLToPath(new URL("../..", import.meta.url));

export interface Workspace {
  readonly folder: string;
  /** What `npm publish` would publish. */
  readonly tarball: string;
  /** Where the tarball is installed. */
  readonly installed: string;
}

/** Builds and packs the package, and installs the tarball. The folder goes when the process does. */
export async function createWorkspace(): Promise<Workspace> {
  const folder = mkdtempSync(join(tmpdir(), `${packageName}-`));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => process.exit(1));
  }
  // With scripts in the foreground, what the build prints would stand in front of the tarball's name.
  const packed = await runNpm(repository, "pack", "--foreground-scripts=false", "--pack-destination", folder);
  const tarball = join(folder, packed.trim());
  writeJson(join(folder, "package.json"), { private: true });
  await install(folder, [tarball]);
  return { folder, tarball, installed: join(folder, "node_modules", packageName) };
}

/** Installs packages. Their own install scripts do not run: some of them would download more. */
export async function install(folder: string, packages: readonly string[]): Promise<void> {
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--no-package-lock", "--ignore-scripts"];
  await runNpm(folder, "install", ...flags, ...packages);
}

/** Runs the npm that runs this script: on Windows, the command `npm` is not an executable but needs a shell. */
async function runNpm(folder: string, command: string, ...args: string[]): Promise<string> {
  const npm = process.env["npm_execpath"] ?? "";
  // `npm publish --dry-run` runs this script too, with that option in the environment.
  const options = [command, "--dry-run=false", ...args];
  return npm.endsWith("npm-cli.js") ? run(folder, process.execPath, [npm, ...options]) : run(folder, "npm", options);
}

/** Creates the folder of a project. Its name may be any text. */
export function createProject(parent: string, name: string, type: "module" | "commonjs"): string {
  const folder = join(parent, name.replaceAll(/[^\w.]+/g, " ").trim());
  mkdirSync(folder);
  writeJson(join(folder, "package.json"), { private: true, type });
  return folder;
}

/** The version of the package in a folder. */
export function readVersion(folder: string): string {
  return String(readJson(join(folder, "package.json")).version);
}

export function readJson(path: string): Record<string, unknown> {
  const value: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`${path} contains no object`);
  }
  return { ...value };
}

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value, null, 2));
}
