import { execFile } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

export const repository = fileURLToPath(new URL("../../", import.meta.url));
export const compiler = join(repository, "node_modules/typescript/bin/tsc");

/** Where the workers find the dependencies, and nobody else looks. */
export const workspace = join(repository, "node_modules/.cache/bench");

/** The package as it is built for its users. */
export const builtPackage = join(workspace, "dist");

/** Builds the package, and the workers as plain JavaScript, so that no compiler is at work while they measure. */
export async function prepareWorkspace(): Promise<void> {
  await rm(workspace, { recursive: true, force: true });
  await mkdir(workspace, { recursive: true });
  // As the package says it of itself. Without it the runtime has to find out what kind of JavaScript it is.
  await writeFile(join(workspace, "package.json"), '{ "type": "module" }');
  await promisify(execFile)(process.execPath, [compiler, "-p", join(repository, "src"), "--outDir", builtPackage]);
  const workers = join(repository, "scripts/bench/workers");
  await build({
    entryPoints: (await readdir(workers)).map((file) => join(workers, file)),
    outdir: workspace,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
  });
}

export const workerPath = (name: string) => join(workspace, `${name}.mjs`);
