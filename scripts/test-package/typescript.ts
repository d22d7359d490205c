/** The package in TypeScript projects: every compiler, every module resolution, every set of available types. */
import { join } from "node:path";
import { copyProgram, writeJavaScript } from "./program.js";
import { createRow, project } from "./projects.js";
import type { Row } from "./rows.js";
import { createProject, install, readVersion, writeJson } from "./workspace.js";

const compilers = ["5.9", "6", "7"] as const;

/** The available types, and how strict the compiler is. */
interface Environment {
  readonly lib: readonly string[];
  readonly types: readonly string[];
  readonly exactOptionalPropertyTypes: boolean;
}

const lib = ["ES2022", "DOM"];
// The declarations need the types of fetch from any source. Every compiler runs with both lists, and every mode with one:
// all combinations would take three times as long.
const separate: readonly Environment[] = [
  { lib: ["ES2022"], types: ["node"], exactOptionalPropertyTypes: true },
  { lib, types: [], exactOptionalPropertyTypes: false },
];
const combined: readonly Environment[] = [
  { lib, types: ["node"], exactOptionalPropertyTypes: false },
  { lib, types: [], exactOptionalPropertyTypes: true },
];

type Mode = readonly [
  title: string,
  compilers: readonly (typeof compilers)[number][],
  environments: readonly Environment[],
  options: Readonly<Record<string, string>>,
];

const nodenext = { module: "nodenext" };
const bundler = { moduleResolution: "bundler" };
const node10 = { module: "commonjs", moduleResolution: "node10" };

const modes: readonly Mode[] = [
  ["nodenext, ESM", compilers, separate, nodenext],
  ["nodenext, CommonJS", compilers, combined, nodenext],
  ["node16, CommonJS", compilers, separate, { module: "node16" }],
  ["bundler, ESM", compilers, combined, { module: "esnext", ...bundler }],
  ["bundler, CommonJS", ["6", "7"], separate, { module: "commonjs", ...bundler }],
  ["node10, CommonJS", ["5.9"], separate, node10],
  // TypeScript 5.9 does not have this option, and TypeScript 7 does not have node10.
  ["node10, CommonJS", ["6"], combined, { ...node10, ignoreDeprecations: "6.0" }],
];

/** Installs the compilers. Each compiles the program in all of its modes and environments. */
export async function installTypeScript(folder: string): Promise<Row[]> {
  const aliases = compilers.map((compiler) => `typescript-${compiler}@npm:typescript@${compiler}`);
  await install(folder, aliases);
  // Only the projects in this folder find the types of Node, of the oldest version that the package supports.
  const withNode = createProject(folder, "with-node", "module");
  await install(withNode, ["@types/node@20"]);
  return modes.flatMap(([mode, supported, environments, options]) =>
    supported.flatMap((compiler) => {
      const version = readVersion(join(folder, "node_modules", `typescript-${compiler}`));
      return environments.map((environment) => {
        const hasNode = environment.types.length > 0;
        const tsc = `${hasNode ? "../.." : ".."}/node_modules/typescript-${compiler}/bin/tsc`;
        const types = [...environment.types, ...environment.lib.slice(1)].join(" and ");
        const strictness = environment.exactOptionalPropertyTypes ? ", exactOptionalPropertyTypes" : "";
        const title = `TypeScript ${version}, ${mode}, types of ${types}${strictness}`;
        const type = mode.endsWith("ESM") ? "module" : "commonjs";
        const write = (target: string) => writeProject(target, type, hasNode, { ...environment, ...options });
        return createRow(hasNode ? withNode : folder, project("", title, write, [tsc, "./compiled/main.js"], type));
      });
    }),
  );
}

async function writeProject(folder: string, type: "module" | "commonjs", hasNode: boolean, options: object) {
  copyProgram(folder);
  const compilerOptions = {
    target: "ES2022",
    strict: true,
    skipLibCheck: false,
    // Skips only the declarations of the compiler itself, which take a third of the time.
    skipDefaultLibCheck: true,
    rootDir: ".",
    outDir: "compiled",
    ...options,
  };
  // The mock server needs the types of Node. Without them, only the client is compiled.
  const files = [hasNode ? "main.ts" : "read-chats.ts"];
  writeJson(join(folder, "tsconfig.json"), { compilerOptions, files });
  await writeJavaScript(join(folder, "compiled"), type === "module" ? "esm" : "cjs", ["main"]);
}
