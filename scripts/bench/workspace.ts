import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildPackage } from "../build.js";

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
  // With its package.json, the workspace imports the published entries by the name of the package.
  await copyFile(join(repository, "package.json"), join(workspace, "package.json"));
  await buildPackage(builtPackage);
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
