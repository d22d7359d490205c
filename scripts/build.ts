/**
 * Builds `dist`: one bundled file per entry and format, with source maps, and declarations:
 *
 *     npm run build
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, transform } from "esbuild";
import { collectLicenses } from "./licenses.js";

export const repository = fileURLToPath(new URL("..", import.meta.url));

/** The modules in `src`, by the name of their files in `dist`. */
const entries = { index: "index", testing: "testing/index", cli: "cli/main" };

const requireBanner = `import { createRequire as createRequireOfBundle } from "node:module";
const require = createRequireOfBundle(import.meta.url);`;

/** Replaces the folder with a build of the package. */
export async function buildPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  emitDeclarations(folder);
  await Promise.all(Object.entries(entries).map(([name, source]) => buildEntry(folder, name, source)));
}

async function buildEntry(folder: string, name: string, source: string): Promise<void> {
  const options = { target: "node20", platform: "node" } as const;
  const isCommand = name === "cli";
  const { outputFiles, metafile } = await build({
    ...options,
    absWorkingDir: repository,
    entryPoints: [`src/${source}.ts`],
    outfile: join(folder, `${name}.js`),
    bundle: true,
    // The command contains its development dependencies. Those that are CommonJS need a `require`.
    ...(isCommand ? { external: ["openapi-fetch"], banner: { js: requireBanner } } : { packages: "external" }),
    format: "esm",
    sourcemap: "inline",
    write: false,
    metafile: true,
  });
  const licenses = collectLicenses(Object.keys(metafile.inputs), repository);
  if (licenses !== "") writeFileSync(join(folder, `${name}.js.LEGAL.txt`), licenses);
  const bundled = outputFiles.map(({ text }) => text).join("");
  // Bundled as CommonJS straight from the sources, the default import of openapi-fetch would be its whole
  // `module.exports`, because this package is `"type": "module"`. `transform` knows no package, and honors the
  // `__esModule` of openapi-fetch.
  for (const [format, file] of [["esm", `${name}.js`] as const, ["cjs", `${name}.cjs`] as const]) {
    if (format === "cjs" && isCommand) continue;
    const { code, map } = await transform(bundled, { ...options, format, sourcemap: "external", sourcefile: file });
    writeFileSync(join(folder, file), `${code}//# sourceMappingURL=${file}.map\n`);
    writeFileSync(join(folder, `${file}.map`), map);
  }
}

/**
 * Both formats share these declarations. They are CommonJS, which either may import: under `module` node16, CommonJS
 * may not import an ES module, types included (TS1479).
 */
function emitDeclarations(folder: string): void {
  const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [compiler, "-p", join(repository, "src"), "--outDir", join(folder, "types")]);
  writeFileSync(join(folder, "types", "package.json"), '{ "type": "commonjs" }\n');
  for (const [name, source] of Object.entries(entries).filter(([name]) => name !== "cli")) {
    for (const extension of ["d.ts", "d.cts"]) {
      writeFileSync(join(folder, `${name}.${extension}`), `export * from "./types/${source}.js";\n`);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await buildPackage(join(repository, "dist"));
}
