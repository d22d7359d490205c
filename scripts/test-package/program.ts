/** The program that every row runs. It is written once, in TypeScript, in the folder `program`. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, transform } from "esbuild";
import { run } from "./command.js";

/** `read-chats` imports only the package. `main` and `chats.test` run it against the mock server. */
export type ProgramFile = "main" | "read-chats" | "chats.test";

const source = fileURLToPath(new URL("program", import.meta.url));

/** Puts the program into a project as it is. */
export function copyProgram(project: string): void {
  cpSync(source, project, { recursive: true });
}

/** Puts files of the program into a folder as JavaScript, with `import` or with `require`. */
export async function writeJavaScript(folder: string, format: "esm" | "cjs", files: readonly ProgramFile[]) {
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    const typescript = readFileSync(join(source, `${file}.ts`), "utf8");
    // Node 20 and 22 do not know `await using`: it becomes what ES2022 has.
    const { code } = await transform(typescript, { loader: "ts", format, target: "es2022" });
    writeFileSync(join(folder, `${file}.js`), code);
  }
}

/**
 * Bundles a script of a project, with everything that it imports.
 *
 * @throws Error if it imports modules of Node on another platform
 */
export async function bundle(project: string, entry: string, options: BuildOptions): Promise<void> {
  const input = { absWorkingDir: project, entryPoints: [entry], bundle: true, metafile: true as const };
  const { metafile } = await build({ ...options, ...input });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  if (options.platform !== "node" && imports.length > 0) {
    throw new Error(`the bundle still imports ${imports.map(({ path }) => path).join(", ")}`);
  }
}

/** Runs the program in a folder. */
export async function runProgram(folder: string, command = process.execPath, args = ["main.js"]): Promise<void> {
  const output = await run(folder, command, args);
  if (output !== "42 chats\n") {
    throw new Error(`${command} should have printed "42 chats", and printed ${JSON.stringify(output)}`);
  }
}
