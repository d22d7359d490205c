/** What belongs into the tarball. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { readJson } from "./workspace.js";

const always = ["LICENSE", "README.md", "openapi/chats.yaml", "package.json"];

/** There if the project keeps one. */
const changelog = "CHANGELOG.md";

/**
 * Compares the files of the installed package with those that should be there. Each script in `dist` has declarations,
 * a map for either, and the source that they lead to: nothing else is in `dist` or `src`.
 *
 * @returns The differences, a sentence each.
 */
export function findProblems(installed: string): string[] {
  const files = new Set(listFiles(installed));
  const expected = new Set(always);
  const problems: string[] = [];
  for (const script of files) {
    const stem = /^dist\/(.+)\.js$/.exec(script)?.[1];
    if (stem === undefined) {
      continue;
    }
    const source = `src/${stem}.ts`;
    expected.add(source);
    for (const file of [script, `dist/${stem}.d.ts`]) {
      const map = `${file}.map`;
      expected.add(file).add(map);
      if (files.has(file) && files.has(map) && !leadsTo(source, installed, file)) {
        problems.push(`${file} does not lead to ${source} by way of ${map}`);
      }
    }
  }
  const missing = [...expected].filter((file) => !files.has(file));
  const surplus = [...files].filter((file) => !expected.has(file) && file !== changelog);
  return [
    ...problems,
    ...missing.map((file) => `${file} is missing`),
    ...surplus.map((file) => `${file} does not belong there`),
  ];
}

/** The files in a folder and in those below it, with slashes everywhere. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

/** Whether a compiled file names its map, and the map the source and nothing else. */
function leadsTo(source: string, installed: string, file: string): boolean {
  const comment = `//# sourceMappingURL=${posix.basename(file)}.map`;
  const map = readJson(join(installed, `${file}.map`));
  return (
    readFileSync(join(installed, file), "utf8").trimEnd().endsWith(comment) &&
    typeof map === "object" &&
    map !== null &&
    "sources" in map &&
    JSON.stringify(map.sources) === JSON.stringify([posix.relative(posix.dirname(file), source)])
  );
}
