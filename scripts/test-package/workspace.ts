/** Installs the packed package, and creates projects that use it. */
import { execFile, type ExecFileException } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "../build.js";

export const packageName = "yandex-market-chats";

/**
 * Builds the package, packs it as `npm publish` does, and installs the tarball in a folder, which is removed when the
 * process exits.
 */
export async function createWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), `${packageName}-`));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  // With scripts in the foreground, npm would print the output of the build before the name of the tarball.
  const packed = await runNpm(repository, "pack", "--foreground-scripts=false", "--pack-destination", folder);
  const tarball = join(folder, packed.trim());
  writeJson(join(folder, "package.json"), { private: true });
  await install(folder, [tarball]);
  return { folder, tarball, installed: join(folder, "node_modules", packageName) };
}

/** Installs packages. Their install scripts do not run: some of them would download more. */
export async function install(folder: string, packages: readonly string[], flag = "--ignore-scripts"): Promise<void> {
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--no-package-lock", flag];
  await runNpm(folder, "install", ...flags, ...packages);
}

/** Installs a major version of Node from its npm package. Returns the path of the binary. */
export async function installNode(parent: string, version: string): Promise<string> {
  const folder = createProject(parent, `node-${version}`);
  const name = `node-${process.platform}-${process.arch}`;
  await install(folder, [`${name}@${version}`]);
  return join(folder, "node_modules", name, "bin", "node");
}

/** Runs the npm that runs this script: on Windows, the command `npm` is not an executable but needs a shell. */
async function runNpm(folder: string, command: string, ...args: string[]): Promise<string> {
  const npm = process.env["npm_execpath"] ?? "";
  // `npm publish --dry-run` runs this script too, with that option in the environment.
  const options = [command, "--dry-run=false", ...args];
  return npm.endsWith("npm-cli.js") ? run(folder, process.execPath, [npm, ...options]) : run(folder, "npm", options);
}

/** Creates the folder of a CommonJS project. Its name may be any text. */
export function createProject(parent: string, name: string): string {
  const folder = join(parent, name.replaceAll(/[^\w.]+/g, " ").trim());
  mkdirSync(folder);
  writeJson(join(folder, "package.json"), { private: true });
  return folder;
}

/**
 * Runs a command without input, and returns what it wrote to its standard output. The timeout is long enough for every
 * download and for a stalled job of BullMQ.
 *
 * @throws Error with the command and all of its output if it fails.
 */
export async function run(folder: string, command: string, args: readonly string[]): Promise<string> {
  const running = promisify(execFile)(command, args, { cwd: folder, timeout: 300_000, maxBuffer: Infinity });
  running.child.stdin?.end();
  const { stdout } = await running.catch((error: ExecFileException) => {
    throw new Error(`${error.message}\nin ${folder}${error.killed ? ", after 300 s" : ""}\n${error.stdout}`);
  });
  return stdout;
}

/** Runs the program of test:package. @throws Error unless it prints "42 chats" */
export async function runProgram(folder: string, command: string, args: readonly string[]): Promise<void> {
  const output = await run(folder, command, args);
  if (output !== "42 chats\n") {
    throw new Error(`${command} ${args.join(" ")} printed ${JSON.stringify(output)} instead of "42 chats"`);
  }
}

/** The version of the package in a folder. */
export function readVersion(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value, null, 2));
}
