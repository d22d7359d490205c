/**
 * Generates `types.ts` and `constants.ts` in src/generated/ from openapi/chats.yaml.
 *
 *     npm run generate              writes both files
 *     npm run generate -- --check   writes nothing; fails if the files are outdated
 *
 * `--specification` and `--output` select another document and another folder.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as prettier from "prettier";
import { compileConstants } from "./generate/constants.js";
import { compileTypes } from "./generate/types.js";
import { readSpecification, SpecificationError, specificationPath } from "./specification.js";

const banner = "// Generated from openapi/chats.yaml by `npm run generate`. Do not edit.\n\n";

/** Writes the files, or reports outdated files with `--check`. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      check: { type: "boolean", default: false },
      specification: { type: "string", default: specificationPath },
      output: { type: "string", default: fileURLToPath(new URL("../src/generated/", import.meta.url)) },
    },
  });
  const { document, dereferenced } = await readSpecification(values.specification);
  const sources = { "constants.ts": compileConstants(dereferenced), "types.ts": await compileTypes(document) };
  const options = { ...(await prettier.resolveConfig(fileURLToPath(import.meta.url))), parser: "typescript" };
  let exitCode = 0;
  for (const [name, source] of Object.entries(sources)) {
    const text = await prettier.format(banner + source, options);
    const path = join(values.output, name);
    const shown = relative(process.cwd(), path);
    const current = await readFile(path, "utf8").catch(() => undefined);
    // Git may have checked out the file with CRLF.
    if (current?.replaceAll("\r\n", "\n") === text) {
      console.log(`${shown} is up to date`);
    } else if (values.check) {
      exitCode = 1;
      console.error(`${shown} is outdated: run \`npm run generate\``);
    } else {
      await mkdir(values.output, { recursive: true });
      await writeFile(path, text);
      console.log(`${shown} written`);
    }
  }
  return exitCode;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SpecificationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
