/** The package in TypeScript projects: every compiler, every way of finding modules, every set of types around it. */
import { join } from "node:path";
import { run } from "./command.js";
import { copyProgram, type ProgramFile, runProgram, writeJavaScript } from "./program.js";
import type { Row } from "./rows.js";
import { createProject, install, readVersion, writeJson } from "./workspace.js";

/** The types that are available in a project, and how strict it is. */
type Environment = typeof node & { readonly exactOptionalPropertyTypes: boolean };

/** A module format with a module resolution. */
type Mode = ReturnType<typeof mode>;

type Compiler = (typeof all)[number];

const all = ["5.9", "6", "7"] as const;

const lib = ["ES2022", "DOM"];
const node = { title: "@types/node", lib: ["ES2022"], hasNode: true };
const dom = { title: "DOM without @types/node", lib, hasNode: false };
const nodeAndDom = { title: "@types/node and DOM", lib, hasNode: true };
// The declarations need the types of fetch from any source. Every compiler runs with both lists, and every mode with one:
// all combinations would take three times as long.
const separate = [
  { ...node, exactOptionalPropertyTypes: true },
  { ...dom, exactOptionalPropertyTypes: false },
];
const combined = [
  { ...nodeAndDom, exactOptionalPropertyTypes: false },
  { ...dom, exactOptionalPropertyTypes: true },
];

const nodenext = { module: "nodenext" };
const bundler = { moduleResolution: "bundler" };
const node10 = { module: "commonjs", moduleResolution: "node10" };

const mode = (
  title: string,
  options: Readonly<Record<string, string>>,
  compilers: readonly Compiler[],
  environments: readonly Environment[],
) => {
  const type: "module" | "commonjs" = title.endsWith("ESM") ? "module" : "commonjs";
  return { title, type, options, compilers, environments };
};

const modes: readonly Mode[] = [
  mode("nodenext, ESM", nodenext, all, separate),
  mode("nodenext, CommonJS", nodenext, all, combined),
  mode("node16, CommonJS", { module: "node16" }, all, separate),
  mode("bundler, ESM", { module: "esnext", ...bundler }, all, combined),
  mode("bundler, CommonJS", { module: "commonjs", ...bundler }, ["6", "7"], separate),
  mode("node10, CommonJS", node10, ["5.9"], separate),
  // TypeScript 5.9 does not have this option, and TypeScript 7 does not have node10.
  mode("node10, CommonJS", { ...node10, ignoreDeprecations: "6.0" }, ["6"], combined),
];

/** Installs the compilers, and the types of Node only where the projects that have them find them. */
export async function installCompilers(folder: string): Promise<void> {
  const aliases = all.map((compiler) => `typescript-${compiler}@npm:typescript@${compiler}`);
  await install(folder, aliases);
  // The oldest version that the package supports.
  await install(createProject(folder, "with node", "module"), ["@types/node@20"]);
}

/** Compiles the program with each compiler, in all of its modes and environments, and runs the result. */
export function typescriptRows(folder: string): Row[] {
  return all.flatMap((compiler) =>
    modes
      .filter(({ compilers }) => compilers.includes(compiler))
      .flatMap((mode) => mode.environments.map((environment) => typescriptRow(folder, compiler, mode, environment))),
  );
}

function typescriptRow(folder: string, compiler: Compiler, mode: Mode, environment: Environment): Row {
  const compilerFolder = join(folder, "node_modules", `typescript-${compiler}`);
  const { lib, hasNode, exactOptionalPropertyTypes } = environment;
  const strictness = exactOptionalPropertyTypes ? ["exactOptionalPropertyTypes"] : [];
  const settings = [mode.title, environment.title, ...strictness];
  const title = `TypeScript ${readVersion(compilerFolder)}, ${settings.join(", ")}`;
  return {
    title,
    async run() {
      const project = createProject(hasNode ? join(folder, "with node") : folder, title, mode.type);
      // The mock server needs the types of Node. Without them, only the client is compiled.
      const entry: ProgramFile = hasNode ? "main" : "read-chats";
      copyProgram(project);
      const compilerOptions = {
        target: "ES2022",
        lib,
        types: hasNode ? ["node"] : [],
        strict: true,
        exactOptionalPropertyTypes,
        skipLibCheck: false,
        // Skips only the declarations of the compiler itself, which take a third of the time.
        skipDefaultLibCheck: true,
        rootDir: ".",
        outDir: "compiled",
        ...mode.options,
      };
      writeJson(join(project, "tsconfig.json"), { compilerOptions, files: [`${entry}.ts`] });
      await run(project, process.execPath, [join(compilerFolder, "bin", "tsc")]);
      const compiled = join(project, "compiled");
      if (!hasNode) {
        await writeJavaScript(compiled, mode.type === "module" ? "esm" : "cjs", ["main"]);
      }
      await runProgram(compiled);
    },
  };
}
