/** Which files belong in the tarball. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { readJson } from "./workspace.js";

/** Documents are linked from the README. Declarations of internal modules are those that others import. */
const expected =
  /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|docs\/[\w.-]+|dist\/types\/(package\.json|[\w/-]+\.d\.ts))$/;

/**
 * Compares the files of the installed package with the expected ones: documents, declarations, and the files that
 * package.json names with their source maps and the licenses of what the command contains.
 *
 * @returns The differences, a sentence each.
 */
export function findProblems(installed: string): string[] {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(installed, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
  const { main, types, bin, exports, typesVersions } = readJson(join(installed, "package.json"));
  const named = [main, types, bin, exports, typesVersions].flatMap(findStrings).map((file) => posix.normalize(file));
  const scripts = named.filter((file) => /\.c?js$/.test(file));
  const command = posix.normalize(findStrings(bin).join());
  const required = [...new Set([...named, ...scripts.map((file) => `${file}.map`), `${command}.LEGAL.txt`])];
  return [
    ...scripts.filter((file) => !hasUsableMap(installed, file)).map((file) => `${file} has no complete source map`),
    ...required.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files
      .filter((file) => !required.includes(file) && !expected.test(file))
      .map((file) => `${file} does not belong there`),
  ];
}

/** All strings in a JSON value. */
function findStrings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(findStrings) : [];
}

/** Whether a script names its source map, and the map contains the sources: they are not in the tarball. */
function hasUsableMap(installed: string, file: string): boolean {
  const comment = `//# sourceMappingURL=${posix.basename(file)}.map`;
  const { sources, sourcesContent } = readJson(join(installed, `${file}.map`));
  return (
    readFileSync(join(installed, file), "utf8").trimEnd().endsWith(comment) &&
    findStrings(sources).every((source) => /^\.\.\/(src|node_modules)\//.test(source)) &&
    findStrings(sourcesContent).length === findStrings(sources).length
  );
}
