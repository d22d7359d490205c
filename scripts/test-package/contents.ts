/** Checks the files of the tarball. publint finds those that package.json names and that are missing. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { readJson } from "./workspace.js";

/** Documents are linked from the README. Declarations of internal modules are those that others import. */
const expected = [
  /^(LICENSE|README\.md|(CHANGELOG|CONTRIBUTING|SECURITY)\.md|package\.json|openapi\/chats\.yaml|docs\/[\w.-]+)$/,
  /^dist\/(index|testing|cli)\.(d\.c?ts|c?js(\.map)?)$/,
  /^dist\/cli\.js\.LEGAL\.txt$/,
  /^dist\/types\/(package\.json|[\w/-]+\.d\.ts)$/,
];

/** @throws Error that lists unexpected files, and scripts without a complete source map */
export function checkContents(installed: string): void {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(installed, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
  const scripts = files.filter((file) => /\.c?js$/.test(file));
  const problems = [
    ...files.filter((file) => !expected.some((pattern) => pattern.test(file))).map((file) => `${file} is unexpected`),
    ...scripts.filter((file) => !hasUsableMap(join(installed, file))).map((file) => `${file} has no source map`),
    files.includes("dist/cli.js.LEGAL.txt") ? "" : "the licenses of what the command contains are missing",
  ].filter(Boolean);
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** Whether a script names its source map, and the map contains the sources: they are not in the tarball. */
function hasUsableMap(script: string): boolean {
  const { sources, sourcesContent } = readJson(`${script}.map`) as { sources: string[]; sourcesContent: unknown[] };
  const isRelative = sources.every((source) => /^\.\.\/(src|node_modules)\//.test(source));
  const isComplete = sources.every((_, index) => typeof sourcesContent[index] === "string");
  return isRelative && isComplete && readFileSync(script, "utf8").endsWith(`=${basename(script)}.map\n`);
}
