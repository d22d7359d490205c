/** Checks the files of the tarball. publint finds those that package.json names and that are missing. */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { readJson } from "./workspace.js";

/** Documents are linked from the README. Declarations of internal modules are those that others import. */
const expected = [
  /^(LICENSE|README\.md|(CHANGELOG|CONTRIBUTING|SECURITY)\.md|package\.json|openapi\/chats\.yaml|docs\/[\w.-]+)$/,
  /^dist\/(index|testing|cli)\.(d\.c?ts|c?js(\.map)?)$/,
  /^dist\/cli\.js\.LEGAL\.txt$/,
  /^dist\/types\/(package\.json|[\w/-]+\.d\.ts)$/,
];

/** @throws Error that lists unexpected files, and source maps without their sources: they are not in the tarball */
export function checkContents(installed: string): void {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(installed, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
  const hasSources = (map: string) => {
    const contents = readJson(join(installed, map))["sourcesContent"];
    return Array.isArray(contents) && contents.every((text) => typeof text === "string");
  };
  const problems = [
    ...files.filter((file) => !expected.some((pattern) => pattern.test(file))).map((file) => `${file} is unexpected`),
    ...files.filter((file) => file.endsWith(".map") && !hasSources(file)).map((file) => `${file} has no sources`),
    ...(files.includes("dist/cli.js.LEGAL.txt") ? [] : ["the licenses of what the command contains are missing"]),
  ];
  if (problems.length > 0) throw new Error(problems.join("\n"));
}
