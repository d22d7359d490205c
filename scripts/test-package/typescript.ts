/** The package in TypeScript projects: every compiler, every way of finding modules, every set of types around it. */
import { join } from "node:path";
import { run } from "./command.js";
import { copyProgram, type ProgramFile, runProgram, writeJavaScript } from "./program.js";
import type { Row } from "./rows.js";
import { createProject, install, readVersion, writeJson } from "./workspace.js";

/** What a project knows of the place where it will run, and how strict it is. */
interface Surroundings {
  readonly title: string;
  readonly lib: readonly string[];
  readonly hasNode: boolean;
  readonly exactOptionalPropertyTypes: boolean;
}

/** A way of finding modules. */
interface Mode {
  readonly title: string;
  readonly type: "module" | "commonjs";
  readonly options: Readonly<Record<string, string>>;
  readonly compilers: readonly Compiler[];
  readonly surroundings: readonly Surroundings[];
}

type Compiler = (typeof compilers)[number];

const compilers = ["5.9", "6", "7"] as const;

// The declarations ask for the types of fetch, wherever they come from. Every compiler meets both lists, and every mode
// one of them: all combinations would take three times as long.
const separate: readonly Surroundings[] = [
  { title: "@types/node", lib: ["ES2022"], hasNode: true, exactOptionalPropertyTypes: true },
  { title: "DOM without @types/node", lib: ["ES2022", "DOM"], hasNode: false, exactOptionalPropertyTypes: false },
];
const combined: readonly Surroundings[] = [
  { title: "@types/node and DOM", lib: ["ES2022", "DOM"], hasNode: true, exactOptionalPropertyTypes: false },
  { title: "DOM without @types/node", lib: ["ES2022", "DOM"], hasNode: false, exactOptionalPropertyTypes: true },
];

const modes: readonly Mode[] = [
  {
    title: "nodenext, ESM",
    type: "module",
    options: { module: "nodenext" },
    compilers,
    surroundings: separate,
  },
  {
    title: "nodenext, CommonJS",
    type: "commonjs",
    options: { module: "nodenext" },
    compilers,
    surroundings: combined,
  },
  {
    title: "node16, CommonJS",
    type: "commonjs",
    options: { module: "node16" },
    compilers,
    surroundings: separate,
  },
  {
    title: "bundler, ESM",
    type: "module",
    options: { module: "esnext", moduleResolution: "bundler" },
    compilers,
    surroundings: combined,
  },
  {
    title: "bundler, CommonJS",
    type: "commonjs",
    options: { module: "commonjs", moduleResolution: "bundler" },
    compilers: ["6", "7"],
    surroundings: separate,
  },
  {
    title: "node10, CommonJS",
    type: "commonjs",
    options: { module: "commonjs", moduleResolution: "node10" },
    compilers: ["5.9"],
    surroundings: separate,
  },
  {
    title: "node10, CommonJS",
    type: "commonjs",
    // TypeScript 5.9 does not know this word yet, and TypeScript 7 no longer knows node10.
    options: { module: "commonjs", moduleResolution: "node10", ignoreDeprecations: "6.0" },
    compilers: ["6"],
    surroundings: combined,
  },
];

/** Installs the compilers, and the types of Node where only those projects see them that should. */
export async function installCompilers(folder: string): Promise<void> {
  const projectsWithNode = createProject(folder, "with-node", "module");
  await install(
    folder,
    compilers.map((compiler) => `typescript-${compiler}@npm:typescript@${compiler}`),
  );
  // The oldest that the package is for.
  await install(projectsWithNode, ["@types/node@20"]);
}

/** Compiles the program with each compiler, in all of its modes and their surroundings, and runs what comes out. */
export function typescriptRows(folder: string): Row[] {
  return compilers.flatMap((compiler) =>
    modes
      .filter((mode) => mode.compilers.includes(compiler))
      .flatMap((mode) => mode.surroundings.map((around) => typescriptRow(folder, compiler, mode, around))),
  );
}

function typescriptRow(folder: string, compiler: Compiler, mode: Mode, around: Surroundings): Row {
  const compilerFolder = join(folder, "node_modules", `typescript-${compiler}`);
  const { lib, hasNode, exactOptionalPropertyTypes } = around;
  const settings = [mode.title, around.title, ...(exactOptionalPropertyTypes ? ["exactOptionalPropertyTypes"] : [])];
  const title = `TypeScript ${readVersion(compilerFolder)}, ${settings.join(", ")}`;
  return {
    title,
    async run() {
      const project = createProject(
        hasNode ? join(folder, "with-node") : folder,
        title.replaceAll("/", "-"),
        mode.type,
      );
      // The test server is a matter of Node: without its types there is only the part of the program that asks.
      const entry: ProgramFile = hasNode ? "main" : "read-chats";
      copyProgram(project);
      writeJson(join(project, "tsconfig.json"), {
        compilerOptions: {
          target: "ES2022",
          lib,
          types: hasNode ? ["node"] : [],
          strict: true,
          exactOptionalPropertyTypes,
          skipLibCheck: false,
          // Leaves out the compiler's own declarations, and only those: they take a third of the time.
          skipDefaultLibCheck: true,
          rootDir: ".",
          outDir: "compiled",
          ...mode.options,
        },
        files: [`${entry}.ts`],
      });
      await run(project, process.execPath, [join(compilerFolder, "bin", "tsc")]);
      const compiled = join(project, "compiled");
      if (!hasNode) {
        await writeJavaScript(compiled, mode.type === "module" ? "esm" : "cjs", ["main"]);
      }
      await runProgram(compiled);
    },
  };
}
