import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { answersPage, apiKey, businessId, scriptedFetch } from "./support/fetch.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const specification = await readFile(join(root, "openapi/chats.yaml"), "utf8");

/** A folder for one test. */
async function temporaryFolder(files: Record<string, string> = {}): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "generate-"));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function filesIn(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")])),
  );
}

/** Runs `npm run generate` with these arguments, in the root of the repository. */
function generate(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const script = ["--import", "tsx", "scripts/generate.ts", ...args];
    const child = execFile(process.execPath, script, { cwd: root }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

/** The specification with each of the texts replaced, which has to stand in it just once. */
function specificationWith(replacements: Record<string, string>): string {
  return Object.entries(replacements).reduce((text, [old, replacement]) => {
    expect(text.split(old)).toHaveLength(2);
    return text.replace(old, replacement);
  }, specification);
}

/** Where a text that stands in the specification just once begins: `line:column`. */
function placeOf(text: string, in_: string): string {
  const before = in_.slice(0, in_.indexOf(text)).split("\n");
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

describe.concurrent("npm run generate", { timeout: 120_000 }, () => {
  it("finds the committed files to be what the specification gives", async () => {
    expect(await generate("--check")).toEqual({
      exitCode: 0,
      stdout: "src/generated/constants.ts is up to date\nsrc/generated/types.ts is up to date\n",
      stderr: "",
    });
  });

  it("names the files that are not, with --check, and leaves them as they are", async () => {
    const stale = { "types.ts": "// old\n" };
    await using output = await temporaryFolder(stale);
    const names = ["constants.ts", "types.ts"].map((name) => relative(root, join(output.path, name)));
    expect(await generate("--check", "--output", output.path)).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: names.map((name) => `${name} is not what the specification gives: run \`npm run generate\`\n`).join(""),
    });
    expect(await filesIn(output.path)).toEqual(stale);
  });

  it("carries a change of the specification into types, lists and constants, and so into the client", async () => {
    const changed = specificationWith({
      "maximum: 20": "maximum: 7",
      "url: https://api.partner.market.yandex.ru": "url: https://api.partner.market.yandex.net",
      "name: Api-Key": "name: X-Market-Key",
      "        - FINISHED": "        - FINISHED\n        - ARCHIVED",
    });
    await using folder = await temporaryFolder({ "chats.yaml": changed });
    const output = join(folder.path, "new/generated");
    const args = ["--specification", join(folder.path, "chats.yaml"), "--output", output];

    expect(await generate(...args)).toEqual({
      exitCode: 0,
      stdout: ["constants.ts", "types.ts"].map((name) => `${relative(root, join(output, name))} written\n`).join(""),
      stderr: "",
    });
    const files = await filesIn(output);
    expect(Object.keys(files)).toEqual(["constants.ts", "types.ts"]);
    expect(files["constants.ts"]).toContain("limit: { minimum: 1, maximum: 7, default: 10 },");
    expect(files["types.ts"]).toMatch(/export type ChatStatus =[^;]+"FINISHED"\s+\| "ARCHIVED";/);

    // A second time it comes to the same.
    expect((await generate("--check", ...args)).exitCode).toBe(0);

    vi.doMock("../src/generated/constants.js", () => import(pathToFileURL(join(output, "constants.ts")).href));
    vi.resetModules();
    const { chatStatuses, createChatsClient } = await import("../src/index.js");
    vi.doUnmock("../src/generated/constants.js");
    expect(chatStatuses).toContain("ARCHIVED");
    const { fetch, requests } = scriptedFetch(answersPage([]));
    await createChatsClient({ apiKey, businessId, fetch }).getChats({}, { limit: 20 });
    expect(requests[0]?.url.href).toBe("https://api.partner.market.yandex.net/v2/businesses/123456/chats?limit=7");
    expect(requests[0]?.headers.get("X-Market-Key")).toBe(apiKey);
  });

  it.each<[string, Record<string, string>, [place: string, reason: RegExp][]]>([
    ["no YAML", { "maximum: 20": "maximum: [20" }, [["default: 10", /flow collection/]]],
    [
      "no OpenAPI",
      { "operationId: getChats": "operationID: getChats", "maximum: 20": "maximum: twenty" },
      [
        ["operationID: getChats", /`operationID`/],
        ["twenty", /number/],
        ["post:", /operationId/],
      ],
    ],
    [
      "in need of a licence",
      { "  license:\n    name: MIT\n    url: https://opensource.org/license/mit\n": "" },
      [["info:", /license/]],
    ],
    ["without what the client needs", { "        maximum: 20\n": "" }, [["", /maximum/]]],
  ])("says what is wrong and where, and writes nothing, if the specification is %s", async (_, change, problems) => {
    const broken = specificationWith(change);
    const old = { "constants.ts": "// old constants\n", "types.ts": "// old types\n" };
    await using folder = await temporaryFolder({ "chats.yaml": broken });
    await using output = await temporaryFolder(old);
    const file = join(folder.path, "chats.yaml");

    const { exitCode, stdout, stderr } = await generate("--specification", file, "--output", output.path);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(await filesIn(output.path)).toEqual(old);
    const lines = stderr.trimEnd().split("\n").sort();
    const places = problems.map(([place]) => (place === "" ? /:\d+:\d+ / : `:${placeOf(place, broken)} `));
    for (const [index, [, reason]] of problems.entries()) {
      const line = lines.find((text) => reason.test(text));
      expect(line?.startsWith(relative(root, file))).toBe(true);
      expect(line).toMatch(places[index]!);
    }
    expect(lines).toHaveLength(problems.length);
  });
});
