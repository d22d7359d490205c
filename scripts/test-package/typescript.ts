/** The package in TypeScript projects: every compiler and module resolution, with and without the types of Node. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fixture, javascript, typescript } from "./program.js";
import { createRow } from "./projects.js";
import type { Row } from "./rows.js";
import { createProject, install, readVersion, writeJson } from "./workspace.js";

const compilers = ["5.9", "6", "7"];

const modes: Readonly<Record<string, object>> = {
  "nodenext, ESM": { module: "nodenext" },
  "nodenext, CommonJS": { module: "nodenext" },
  "node16, CommonJS": { module: "node16" },
  "bundler, ESM": { module: "esnext", moduleResolution: "bundler" },
  "node10, CommonJS": { module: "commonjs", moduleResolution: "node10" },
};

/** The declarations need the types of fetch, from Node or from the DOM. The mock server needs those of Node. */
const environments = [
  { name: "types of Node", packages: ["@types/node@20"], file: "main.ts", types: ["node"], lib: ["ES2022"] },
  { name: "both", packages: ["@types/node@20"], file: "main.ts", types: ["node"], lib: ["ES2022", "DOM"] },
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
    for (const [mode, options] of Object.entries(modes)) {
      const format = mode.endsWith("ESM") ? "esm" : "cjs";
      const configure = (project: string) => {
        const extended = {
          extends: "./tsconfig.base.json",
          compilerOptions: { types, lib, ...options },
          files: [file],
        };
        writeJson(join(project, "tsconfig.json"), extended);
        rmSync(join(project, "read-chats.js")); // Only the compiler may create it.
      };
      // In JavaScript, `main` also runs where the types of Node are missing.
      const steps = [javascript(format), typescript, fixture("typescript"), configure];
      // TypeScript 6 calls node10 outdated, and TypeScript 7 does not have it.
      for (const compiler of mode.startsWith("node10") ? ["5.9"] : compilers) {
        const version = readVersion(join(workspace, "node_modules", `typescript-${compiler}`));
        const tsc = `../../node_modules/typescript-${compiler}/bin/tsc`;
        const title = `TypeScript ${version}, ${mode}, ${name}`;
        rows.push(createRow(folder, ["", title, steps, [tsc, "./main.js"]]));
      }
    }
  }
  return rows;
}
