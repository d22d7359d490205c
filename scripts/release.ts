/**
 * Checks that a version can be released, and prints its release notes: its section of CHANGELOG.md.
 *
 *     npm run release:check               the version in package.json
 *     npm run release:check -- v0.1.0     also checks that this tag belongs to the version
 *
 * Publishes nothing. Exit code 0: the version can be released. 1: it cannot.
 */
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

/** The version cannot be released. The message says why. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
}

/** @throws ReleaseError if the tag does not belong to the version, or if the changelog does not describe it. */
export function getReleaseNotes(tag: string, version: string, changelog: string): string {
  const check = (isCorrect: boolean, message: string) => {
    if (!isCorrect) throw new ReleaseError(message);
  };
  check(/^\d+\.\d+\.\d+$/.test(version), `package.json: the version is ${version}, expected MAJOR.MINOR.PATCH`);
  check(
    tag === `v${version}`,
    `the tag is ${tag}, but the version in package.json is ${version}: expected v${version}`,
  );
  const expected = `expected "## ${version} - YYYY-MM-DD"`;
  const [, ...sections] = changelog.replaceAll("\r\n", "\n").split(/^## /m);
  const section = sections.find((text) => /^\[?([^\s\]]+)/.exec(text)?.[1] === version) ?? "";
  check(section !== "", `CHANGELOG.md: no section for ${version}, ${expected}`);
  const [heading = "", ...lines] = section.split("\n");
  check(/ - \d{4}-\d{2}-\d{2}$/.test(heading), `CHANGELOG.md: the heading is "## ${heading}", ${expected}`);
  const notes = lines.join("\n").trim();
  check(notes !== "", `CHANGELOG.md: the section for ${version} is empty`);
  return notes;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const readText = (file: string) => readFile(new URL(`../${file}`, import.meta.url), "utf8");
  const { version } = JSON.parse(await readText("package.json")) as { version: string };
  try {
    console.log(getReleaseNotes(process.argv[2] ?? `v${version}`, version, await readText("CHANGELOG.md")));
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
