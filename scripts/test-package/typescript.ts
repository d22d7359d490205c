/** The package in TypeScript projects: every compiler and every module resolution, with and without the types of Node. */
import { join } from "node:path";
import { javascript, typescript } from "./program.js";
import { createRow } from "./projects.js";
import type { Row } from "./rows.js";
import { createProject, install, readVersion, writeJson } from "./workspace.js";

const compilers = ["5.9", "6", "7"] as const;

type Mode = readonly [
  title: string,
  compilers: readonly (typeof compilers)[number][],
  options: Readonly<Record<string, string>>,
];

const modes: readonly Mode[] = [
  ["nodenext, ESM", compilers, { module: "nodenext" }],
  ["nodenext, CommonJS", compilers, { module: "nodenext" }],
  ["node16, CommonJS", compilers, { module: "node16" }],
  ["bundler, ESM", compilers, { module: "esnext", moduleResolution: "bundler" }],
  ["bundler, CommonJS", ["6", "7"], { module: "commonjs", moduleResolution: "bundler" }],
  ["node10, CommonJS", ["5.9"], { module: "commonjs", moduleResolution: "node10" }],
  // TypeScript 5.9 does not have this option, and TypeScript 7 does not have node10.
  ["node10, CommonJS", ["6"], { module: "commonjs", moduleResolution: "node10", ignoreDeprecations: "6.0" }],
];

/** The declarations need the types of fetch, from Node or from the DOM. The mock server needs those of Node. */
const environments = [
  { name: "types of Node", packages: ["@types/node@20"], file: "main.ts", types: ["node"], lib: ["ES2022"] },
  { name: "types of the DOM", packages: [], file: "read-chats.ts", types: [], lib: ["ES2022", "DOM"] },
];

/** Installs the compilers. Each compiles the program in all of its modes, in both environments. */
export async function installTypeScript(workspace: string): Promise<Row[]> {
  const aliases = compilers.map((compiler) => `typescript-${compiler}@npm:typescript@${compiler}`);
  await install(workspace, aliases);
  const rows: Row[] = [];
  for (const { name, packages, file, types, lib } of environments) {
    // Only the projects in this folder find the types of Node, of the oldest version that the package supports.
    const folder = createProject(workspace, name);
    await install(folder, packages);
    for (const [mode, supported, options] of modes) {
      const format = mode.endsWith("ESM") ? "esm" : "cjs";
      const steps = [typescript, configure(format, file, { types, lib, ...options }), javascript(format, "compiled")];
      for (const compiler of supported) {
        const version = readVersion(join(workspace, "node_modules", `typescript-${compiler}`));
        const tsc = `../../node_modules/typescript-${compiler}/bin/tsc`;
        rows.push(
          createRow(folder, ["", `TypeScript ${version}, ${mode}, ${name}`, steps, [tsc, "./compiled/main.js"]]),
        );
      }
    }
  }
  return rows;
}

const configure = (format: "esm" | "cjs", file: string, options: object) => (project: string) => {
  const common = {
    target: "ES2022",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    // Skips only the declarations of the compiler itself, which take a third of the time.
    skipDefaultLibCheck: true,
    rootDir: ".",
    outDir: "compiled",
  };
  writeJson(join(project, "package.json"), { private: true, type: format === "esm" ? "module" : "commonjs" });
  writeJson(join(project, "tsconfig.json"), { compilerOptions: { ...common, ...options }, files: [file] });
};
