/** Which files belong in the tarball. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { findDeclarations } from "../build.js";
import { readJson } from "./workspace.js";

const always = ["LICENSE", "README.md", "package.json", "dist/types/package.json"];

/** Documents are linked from the README. */
const documents = /^(CHANGELOG\.md|docs\/[\w.-]+)$/;

/**
 * Compares the files of the installed package with the expected ones: those that package.json names, their source maps,
 * the declarations that they import, and the licenses of the packages that the command contains.
 *
 * @returns The differences, a sentence each.
 */
export function findProblems(installed: string): string[] {
  const files = new Set(listFiles(installed));
  const { main, module, types, bin, exports, typesVersions } = readJson(join(installed, "package.json"));
  const commands = strings(bin).map(posix.normalize);
  const expected = new Set([...always, ...commands.map((file) => `${file}.LEGAL.txt`)]);
  const problems: string[] = [];
  for (const file of strings([main, module, types, bin, exports, typesVersions]).map(posix.normalize)) {
    expected.add(file);
    if (/\.c?js$/.test(file)) {
      expected.add(`${file}.map`);
      const sources = commands.includes(file) ? /^\.\.\/(src|node_modules)\// : /^\.\.\/src\//;
      if (files.has(`${file}.map`) && !hasUsableMap(installed, file, sources)) {
        problems.push(`${file} has no source map with the text of each source`);
      }
    } else if (/\.d\.c?ts$/.test(file) && files.has(file)) {
      findDeclarations(join(installed, file)).forEach((path) => expected.add(toName(installed, path)));
    }
  }
  const missing = [...expected].filter((file) => !files.has(file));
  const surplus = [...files].filter((file) => !expected.has(file) && !documents.test(file));
  return [
    ...problems,
    ...missing.map((file) => `${file} is missing`),
    ...surplus.map((file) => `${file} does not belong there`),
  ];
}

/** All strings in a JSON value. */
function strings(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}

/** The files in a folder and in those below it, with slashes everywhere. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => toName(folder, join(entry.parentPath, entry.name)));
}

function toName(folder: string, path: string): string {
  return relative(folder, path).replaceAll("\\", "/");
}

/** Whether a script names its source map, and the map contains the sources: they are not in the tarball. */
function hasUsableMap(installed: string, file: string, expectedSources: RegExp): boolean {
  const comment = `//# sourceMappingURL=${posix.basename(file)}.map`;
  const { sources, sourcesContent } = readJson(join(installed, `${file}.map`));
  return (
    readFileSync(join(installed, file), "utf8").trimEnd().endsWith(comment) &&
    strings(sources).every((source) => expectedSources.test(source)) &&
    strings(sourcesContent).length === strings(sources).length
  );
}
