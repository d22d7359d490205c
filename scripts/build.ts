/**
 * Builds `dist`: one bundled file per entry and format, with source maps, and declarations:
 *
 *     npm run build
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build, type Format, transform } from "esbuild";

const repository = fileURLToPath(new URL("..", import.meta.url));

const extensions = { esm: "js", cjs: "cjs" } as const satisfies Partial<Record<Format, string>>;

interface Entry {
  readonly name: string;
  readonly source: string;
  readonly formats: readonly (keyof typeof extensions)[];
  /** Where the declarations are, relative to the sources. None for a command, which nothing imports. */
  readonly declarations?: string;
}

const entries: readonly Entry[] = [
  { name: "index", source: "src/index.ts", formats: ["esm", "cjs"], declarations: "index" },
  { name: "testing", source: "src/testing/index.ts", formats: ["esm", "cjs"], declarations: "testing/index" },
];

const target = "node20";

/** Replaces the folder with a build of the package. */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await Promise.all([emitDeclarations(join(folder, "types")), ...entries.map((entry) => buildEntry(entry, folder))]);
}

async function buildEntry({ name, source, formats, declarations }: Entry, folder: string): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: repository,
    entryPoints: [source],
    outfile: join(folder, `${name}.js`),
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target,
    sourcemap: "inline",
    write: false,
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) {
    throw new Error(`esbuild wrote nothing for ${source}`);
  }
  await mkdir(folder, { recursive: true });
  for (const format of formats) {
    const file = join(folder, `${name}.${extensions[format]}`);
    // Bundled as CommonJS straight from the sources, the default import of openapi-fetch would be its whole
    // `module.exports`, as in Node, because this package is `"type": "module"`. `transform` knows no package, and honors
    // the `__esModule` of openapi-fetch.
    const { code, map } = await transform(bundle.text, {
      format,
      platform: "node",
      target,
      sourcemap: "external",
      sourcefile: `${name}.js`,
    });
    await writeFile(file, `${code}//# sourceMappingURL=${basename(file)}.map\n`);
    await writeFile(`${file}.map`, map);
    if (declarations !== undefined) {
      const declarationFile = join(folder, `${name}.d.${format === "esm" ? "ts" : "cts"}`);
      await writeFile(declarationFile, `export * from "./types/${declarations}.js";\n`);
    }
  }
}

/**
 * Both formats share these declarations. They are CommonJS, which either may import: under `module` node16, CommonJS may
 * not import an ES module, types included (TS1479).
 */
async function emitDeclarations(folder: string): Promise<void> {
  const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
  await promisify(execFile)(process.execPath, [compiler, "-p", join(repository, "src"), "--outDir", folder]);
  await writeFile(join(folder, "package.json"), '{ "type": "commonjs" }\n');
  // The compiler also emits the declarations of what is only used inside.
  const used = new Set(
    entries.flatMap(({ declarations }) =>
      declarations === undefined ? [] : findDeclarations(join(folder, `${declarations}.d.ts`)),
    ),
  );
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (file.endsWith(".d.ts") && !used.has(file)) {
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
