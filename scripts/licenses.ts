import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Returns the licenses of the packages that a bundle contains, for a notice next to it.
 *
 * @param inputs - Paths of the bundled files, relative to the repository.
 */
export function collectLicenses(inputs: readonly string[], repository: string): string {
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const notices = [...new Set(folders)].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(repository, folder, "package.json"), "utf8")) as Package;
    const file = readdirSync(join(repository, folder)).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${name} has no license file, so it must not be bundled`);
    return `${name} ${version}\n\n${readFileSync(join(repository, folder, file), "utf8").trim()}\n`;
  });
  return notices.join(`\n${"-".repeat(80)}\n\n`);
}

interface Package {
  readonly name: string;
  readonly version: string;
}
