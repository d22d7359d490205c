/** Checks the files of the tarball. publint finds those that package.json names and that are missing. */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** All documents, since the README links to them, and all declarations, since those of the entries import others. */
const expected = [
  /^(LICENSE|README\.md|(CHANGELOG|CONTRIBUTING|SECURITY)\.md|package\.json|openapi\/chats\.yaml|docs\/[\w.-]+)$/,
  /^dist\/(index|testing|cli)\.(d\.c?ts|c?js(\.map)?)$/,
  /^dist\/cli\.js\.LEGAL\.txt$/,
  /^dist\/types\/(package\.json|[\w/-]+\.d\.ts)$/,
];

/** @throws Error that lists unexpected files, scripts without a source map, or missing licenses */
export function checkContents(installed: string): void {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(installed, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
  const unexpected = files.filter((file) => !expected.some((pattern) => pattern.test(file)));
  if (unexpected.length > 0) throw new Error(`unexpected files: ${unexpected.join(", ")}`);
  const withoutMap = files.filter((file) => /\.c?js$/.test(file) && !files.includes(`${file}.map`));
  if (withoutMap.length > 0) throw new Error(`scripts without a source map: ${withoutMap.join(", ")}`);
  if (!files.includes("dist/cli.js.LEGAL.txt")) throw new Error("there is no dist/cli.js.LEGAL.txt");
}
