/**
 * Builds `dist`: one bundled file per entry and format, with source maps, and declarations:
 *
 *     npm run build
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build, transform } from "esbuild";
import { collectLicenses } from "./licenses.js";

const repository = fileURLToPath(new URL("..", import.meta.url));

interface Entry {
  readonly name: string;
  /** The module in `src`. */
  readonly source: string;
  /** Whether programs import it, as ES module or as CommonJS. */
  readonly isLibrary: boolean;
}

const entries: readonly Entry[] = [
  { name: "index", source: "index", isLibrary: true },
  { name: "testing", source: "testing/index", isLibrary: true },
  { name: "cli", source: "cli/main", isLibrary: false },
];

const requireBanner = `import { createRequire as createRequireOfBundle } from "node:module";
const require = createRequireOfBundle(import.meta.url);`;

/** Replaces the folder with a build of the package. */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all([emitDeclarations(folder), ...entries.map((entry) => buildEntry(entry, folder))]);
}

async function buildEntry({ name, source, isLibrary }: Entry, folder: string): Promise<void> {
  const options = { platform: "node", target: "node20" } as const;
  const { outputFiles, metafile } = await build({
    ...options,
    absWorkingDir: repository,
    entryPoints: [`src/${source}.ts`],
    outfile: join(folder, `${name}.js`),
    bundle: true,
    // The command contains its development dependencies. Those that are CommonJS need a `require`.
    ...(isLibrary ? { packages: "external" } : { external: ["openapi-fetch"], banner: { js: requireBanner } }),
    format: "esm",
    sourcemap: "inline",
    write: false,
    metafile: true,
  });
  const licenses = collectLicenses(Object.keys(metafile.inputs), repository);
  if (licenses !== "") await writeFile(join(folder, `${name}.js.LEGAL.txt`), licenses);
  const bundled = outputFiles.map(({ text }) => text).join("");
  const formats = { esm: `${name}.js`, ...(isLibrary && { cjs: `${name}.cjs` }) };
  for (const [format, file] of Object.entries(formats)) {
    // Bundled as CommonJS straight from the sources, the default import of openapi-fetch would be its whole
    // `module.exports`, as in Node, because this package is `"type": "module"`. `transform` knows no package, and honors
    // the `__esModule` of openapi-fetch.
    const { code, map } = await transform(bundled, {
      ...options,
      format: format === "esm" ? "esm" : "cjs",
      sourcemap: "external",
      sourcefile: `${name}.js`,
    });
    await writeFile(join(folder, file), `${code}//# sourceMappingURL=${file}.map\n`);
    await writeFile(join(folder, `${file}.map`), map);
  }
}

/**
 * Both formats share these declarations. They are CommonJS, which either may import: under `module` node16, CommonJS may
 * not import an ES module, types included (TS1479).
 */
async function emitDeclarations(folder: string): Promise<void> {
  const types = join(folder, "types");
  const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
  await promisify(execFile)(process.execPath, [compiler, "-p", join(repository, "src"), "--outDir", types]);
  await writeFile(join(types, "package.json"), '{ "type": "commonjs" }\n');
  const used: string[] = [];
  for (const { name, source } of entries.filter(({ isLibrary }) => isLibrary)) {
    for (const extension of ["d.ts", "d.cts"]) {
      await writeFile(join(folder, `${name}.${extension}`), `export * from "./types/${source}.js";\n`);
    }
    used.push(...findDeclarations(join(types, `${source}.d.ts`)));
  }
  // The compiler also emits the declarations of internal modules.
  for (const entry of await readdir(types, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (file.endsWith(".d.ts") && !used.includes(file)) {
      await rm(file);
    }
  }
}

/** The file and the declarations that it imports, directly or not. */
export function findDeclarations(file: string, found = new Set<string>()): string[] {
  if (!found.has(file)) {
    found.add(file);
    for (const [, path = ""] of readFileSync(file, "utf8").matchAll(/(?:from |import\()"(\.[^"]+)\.js"/g)) {
      findDeclarations(join(dirname(file), `${path}.d.ts`), found);
    }
  }
  return [...found];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await buildPackage(join(repository, "dist"));
}
