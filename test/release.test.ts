import { describe, expect, it } from "vitest";
import { getReleaseNotes, ReleaseError } from "../scripts/release.js";
import { read } from "./docs/markdown.js";
import { runScript } from "./support/cli.js";

const changelog = [
  "# Changelog\n\n## Unreleased",
  "## 1.10.0 - 2026-12-24\n\n### Added\n\n- Something.",
  "## [1.1.0] - 2026-12-01\n\n### Fixed\n\n- Something else.",
  "## 1.0.1\n\n- No date.",
  "## 1.0.0 - 2026-11-01\n",
].join("\n\n");

describe("getReleaseNotes", () => {
  it("returns the section of the version without its heading, also with brackets or CRLF line endings", () => {
    expect(getReleaseNotes("v1.10.0", "1.10.0", changelog)).toBe("### Added\n\n- Something.");
    const notes = getReleaseNotes("v1.1.0", "1.1.0", changelog.replaceAll("\n", "\r\n"));
    expect(notes).toBe("### Fixed\n\n- Something else.");
  });

  it.each([
    ["the tag belongs to another version", "v1.1.0", "1.10.0", "expected v1.10.0"],
    ["the tag has no v", "1.10.0", "1.10.0", "expected v1.10.0"],
    ["the version is a prerelease", "v2.0.0-rc.1", "2.0.0-rc.1", "expected MAJOR.MINOR.PATCH"],
    ["the changelog has no section for the version", "v1.1.1", "1.1.1", "no section for 1.1.1"],
    ["the version only starts like one in the changelog", "v1.1.01", "1.1.01", "no section for 1.1.01"],
    ["the heading has no date", "v1.0.1", "1.0.1", 'the heading is "## 1.0.1"'],
    ["the section is empty", "v1.0.0", "1.0.0", "the section for 1.0.0 is empty"],
  ])("throws if %s", (_, tag, version, message) => {
    const check = () => getReleaseNotes(tag, version, changelog);
    expect(check).toThrow(ReleaseError);
    expect(check).toThrow(message);
  });
});

describe("npm run release:check", () => {
  const check = (...tag: string[]) => runScript("scripts/release.ts", tag);

  it("prints the notes of the version in package.json", async () => {
    const { version } = JSON.parse(read("package.json"));
    const result = await check(`v${version}`);
    expect(result).toEqual({ code: 0, stdout: expect.stringMatching(/^### \w+/m), stderr: "" });
    expect(await check()).toEqual(result);
  });

  it("exits with code 1 and one line if the tag belongs to another version", async () => {
    const stderr: unknown = expect.stringMatching(/^the tag is v0\.0\.0.*\n$/);
    expect(await check("v0.0.0")).toEqual({ code: 1, stdout: "", stderr });
  });
});
