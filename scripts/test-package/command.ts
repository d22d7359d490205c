import { execFile } from "node:child_process";

/** Long enough for every download, short enough to notice that something hangs. */
const timeout = 300_000;

/**
 * Runs a command, with nobody there to answer questions.
 *
 * @returns What it wrote to its standard output.
 * @throws Error with the command and all of its output, if it fails.
 */
export function run(folder: string, command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { cwd: folder, timeout, maxBuffer: Infinity }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
      } else {
        const ending = error.killed ? `was ended after ${timeout} ms` : `failed with ${error.code ?? error.signal}`;
        reject(new Error(`${[command, ...args].join(" ")} ${ending} in ${folder}\n${stdout}${stderr}`.trimEnd()));
      }
    });
    child.stdin?.end();
  });
}
