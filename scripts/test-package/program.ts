/** Steps that write the files of a project: the program, fixtures, examples of the documentation, bundles. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, transform } from "esbuild";
import { readExamples } from "../../test/docs/markdown.js";
import { writeJson } from "./workspace.js";

export type Step = (project: string) => Promise<void> | void;

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** `read-chats` imports only the package. `main` and `chats.test` run it against the mock server. */
export const typescript: Step = (project) => cpSync(source("program"), project, { recursive: true });

/** Copies a folder of `projects`. */
export const fixture =
  (name: string): Step =>
  (project) =>
    cpSync(source(`projects/${name}`), project, { recursive: true });

/** Writes the program as JavaScript, with `import` or with `require`. */
export const javascript =
  (format: "esm" | "cjs"): Step =>
  async (project) => {
    writeJson(join(project, "package.json"), { private: true, type: format === "esm" ? "module" : "commonjs" });
    for (const file of ["main", "read-chats", "chats.test"]) {
      // Node 20 and 22 do not support `await using`.
      const options = { loader: "ts", format, target: "es2022" } as const;
      const { code } = await transform(readFileSync(source(`program/${file}.ts`), "utf8"), options);
      writeFileSync(join(project, `${file}.js`), code);
    }
  };

/** Writes an example of docs/recipes.md as JavaScript. */
export const recipe =
  (name: string, file: string, change = (code: string) => code): Step =>
  async (project) => {
    const example = readExamples("docs/recipes.md").find((each) => each.name === name);
    if (example === undefined) throw new Error(`docs/recipes.md has no example ${name}`);
    const { code } = await transform(example.code, { loader: "ts" });
    writeFileSync(join(project, file), change(code));
  };

/** Bundles a script with its imports. Fails for another platform than Node if it imports a module of Node. */
export const bundle =
  (entry: string, outfile: string, options: BuildOptions): Step =>
  async (project) => {
    const input = { absWorkingDir: project, entryPoints: [entry], outfile, bundle: true, metafile: true as const };
    const { metafile } = await build({ ...options, ...input });
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    if (options.platform !== "node" && imports.length > 0) throw new Error(`the bundle imports ${imports.join(", ")}`);
  };
