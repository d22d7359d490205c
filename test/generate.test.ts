import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { read, root } from "./docs/markdown.js";
import { getLines, runScript } from "./support/cli.js";
import { apiKey, businessId, page, scriptedFetch } from "./support/fetch.js";

const specification = read("openapi/chats.yaml");

const stale = { "constants.ts": "// old constants\n", "types.ts": "// old types\n" };

/** A temporary folder with a specification and generated files. It is removed at the end of a test. */
function createFolder(text: string, generated: Record<string, string> = stale) {
  const path = mkdtempSync(join(tmpdir(), "generate-"));
  const [file, output] = [join(path, "chats.yaml"), join(path, "generated")];
  writeFileSync(file, text);
  mkdirSync(output);
  Object.entries(generated).forEach(([name, content]) => writeFileSync(join(output, name), content));
  const generate = (...args: string[]) =>
    runScript("scripts/generate.ts", [...args, "--specification", file, "--output", output]);
  return { file, output, generate, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Returns the texts of the files in a folder by name. */
const readFiles = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));

/** Replaces texts in the specification. Each text must occur exactly once. */
function changeSpecification(replacements: Record<string, string>): string {
  return Object.entries(replacements).reduce((text, [old, replacement]) => {
    expect(text.split(old), old).toHaveLength(2);
    return text.replace(old, () => replacement);
  }, specification);
}

describe.concurrent("npm run generate", { timeout: 120_000 }, () => {
  it("accepts the committed specification and generated files with --check, also with CRLF", async ({ expect }) => {
    const toCrlf = (text: string) => text.replaceAll("\n", "\r\n");
    const committed = Object.entries(readFiles(join(root, "src/generated")));
    const generated = Object.fromEntries(committed.map(([name, text]) => [name, toCrlf(text)]));
    using folder = createFolder(toCrlf(specification), generated);
    expect(await folder.generate("--check")).toMatchObject({ code: 0, stderr: "" });
  });

  it("reports outdated files with --check and does not change them", async ({ expect }) => {
    using folder = createFolder(specification);
    const { code, stderr } = await folder.generate("--check");
    const outdated = Object.keys(stale).map((name) => relative(root, join(folder.output, name)));
    expect([code, ...getLines(stderr).map((line) => line.split(" ")[0])]).toEqual([1, ...outdated]);
    expect(readFiles(folder.output)).toEqual(stale);
  });

  it("generates types, constants and the requests of the client from a changed specification", async ({ expect }) => {
    const [, getChat = ""] = /^(  \/v2\/businesses\/\{businessId\}\/chat:\n.*?)^comp/ms.exec(specification) ?? [];
    const chatId = '        - $ref: "#/components/parameters/ChatId"\n';
    const history = getChat
      .replace("/chat:", "/history:")
      .replace("getChat\n", "getHistory\n")
      .replace(chatId, chatId + chatId.replace("ChatId", "Limit"));
    const filter = "        statuses:\n          description: Return only chats with these statuses.";
    const changed = changeSpecification({
      "maximum: 20": "maximum: 7",
      "url: https://api.partner.market.yandex.ru": "url: https://api.partner.market.yandex.net",
      "name: Api-Key": "name: X-Market-Key",
      "        - FINISHED": "        - FINISHED\n        - ARCHIVED",
      [filter]: `        campaignIds: { type: array, items: { type: integer } }\n${filter}`,
      "\ncomponents:\n": `\n${history}components:\n`,
    });
    using folder = createFolder(changed);
    rmSync(folder.output, { recursive: true });
    expect(await folder.generate()).toMatchObject({ code: 0, stderr: "" });
    const types = readFiles(folder.output)["types.ts"];
    expect(types).toMatch(/export type ChatStatus =[^;]+"FINISHED"\s+\| "ARCHIVED";/);
    expect((await folder.generate("--check")).code).toBe(0);

    const constantsUrl = pathToFileURL(join(folder.output, "constants.ts")).href;
    const { endpoints } = (await import(constantsUrl)) as { endpoints: unknown };
    const limit = { minimum: 1, maximum: 7, default: 10 };
    expect(endpoints).toMatchObject({
      getChats: { limit, filterLists: { campaignIds: "integer", contexts: { id: "integer", type: "string" } } },
      getHistory: { method: "GET", path: "/v2/businesses/{businessId}/history", requestsPerHour: 1000, limit },
    });
    expect(endpoints).not.toHaveProperty("getChat.limit");

    vi.doMock("../src/generated/constants.js", () => import(constantsUrl));
    vi.resetModules();
    const { chatStatuses, createChatsClient } = await import("../src/index.js");
    vi.doUnmock("../src/generated/constants.js");
    expect(chatStatuses).toContain("ARCHIVED");
    const { fetch, requests } = scriptedFetch(page([]));
    await createChatsClient({ apiKey, businessId, fetch }).getChats({}, { limit: 20 });
    expect(requests[0]?.url.href).toBe("https://api.partner.market.yandex.net/v2/businesses/123456/chats?limit=7");
    expect(requests[0]?.headers.get("X-Market-Key")).toBe(apiKey);
  });

  const limit = "type: integer\n        format: int32";
  const licence = "  license:\n    name: MIT\n    url: https://opensource.org/license/mit\n";
  const quota = "      x-resource-limit-config:\n        none: { amount: 1000, period: hours, period-duration: 1 }\n";
  it.each<[string, Record<string, string>, [near: string, reason: RegExp][]]>([
    ["malformed YAML", { "maximum: 20": "maximum: [20" }, [["default: 10", /flow collection/]]],
    [
      "a schema violation",
      { "operationId: getChats": "operationID: getChats", "maximum: 20": "maximum: twenty" },
      [["operationID: getChats", /`operationID`/], ["twenty", /number/], ["post:", /operationId/]], // prettier-ignore
    ],
    ["no licence", { [licence]: "" }, [["info:", /license/]]],
    ["no maximum of limit", { "        maximum: 20\n": "" }, [[limit, /maximum/]]],
    ["no quota", { [quota]: "" }, [["operationId: getChat\n", /x-resource-limit-config/]]],
  ])("reports line and column and writes nothing when the specification has %s", async (_, change, problems) => {
    const broken = changeSpecification(change);
    using folder = createFolder(broken);
    const { code, stdout, stderr } = await folder.generate();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(readFiles(folder.output)).toEqual(stale);
    const lines = getLines(stderr);
    expect(lines).toHaveLength(problems.length);
    for (const [near, reason] of problems) {
      const before = broken.slice(0, broken.indexOf(near)).split("\n");
      const place = `${relative(root, folder.file)}:${before.length}:${before.at(-1)!.length + 1} `;
      expect(lines.find((line) => reason.test(line))).toContain(place);
    }
  });
});
