/** Writes the files of projects: the program of the folder `program`, examples of the documentation, bundles. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, transform } from "esbuild";
import { readExamples } from "../../test/docs/markdown.js";

/** `read-chats` imports only the package. `main` and `chats.test` run it against the mock server. */
export type ProgramFile = "main" | "read-chats" | "chats.test";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Copies the program as it is. */
export function copyProgram(project: string): void {
  cpSync(source("program"), project, { recursive: true });
}

/** Copies a folder of `projects`. */
export function copyFixture(name: string, project: string): void {
  cpSync(source(`projects/${name}`), project, { recursive: true });
}

/** Writes files of the program as JavaScript, with `import` or with `require`. */
export async function writeJavaScript(folder: string, format: "esm" | "cjs", files: readonly ProgramFile[]) {
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    const typescript = readFileSync(source(`program/${file}.ts`), "utf8");
    // Node 20 and 22 do not support `await using`.
    const { code } = await transform(typescript, { loader: "ts", format, target: "es2022" });
    writeFileSync(join(folder, `${file}.js`), code);
  }
}

/** Returns an example of docs/recipes.md as JavaScript. */
export async function readRecipe(name: string): Promise<string> {
  const recipe = readExamples("docs/recipes.md").find((example) => example.name === name);
  if (recipe === undefined) {
    throw new Error(`docs/recipes.md has no example ${name}`);
  }
  return (await transform(recipe.code, { loader: "ts" })).code;
}

/**
 * Bundles a script of a project with everything that it imports.
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
