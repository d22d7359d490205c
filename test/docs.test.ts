import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { endpoints } from "../src/generated/constants.js";
import * as entry from "../src/index.js";
import { type MarketServer, sampleChats, startMarketServer } from "../src/testing/index.js";
import { readInterface, readUnion } from "./docs/declarations.js";
import { documents, read, readAnchors, readCode, readExamples, readLinks, readTables, root } from "./docs/markdown.js";

const folder = join(root, ".examples");
const english = ["README.md", "docs/recipes.md", "docs/testing.md"];
const examples = english.flatMap((path) => {
  const all = readExamples(read(path));
  const [client = ""] = all.flatMap(({ code }) => /^import .*?^const market = .*?^\}\);\n/ms.exec(code)?.[0] ?? []);
  // An example that creates no client uses that of its page.
  return all.map(({ name, code }) => ({ name, code: code.includes("createChatsClient") ? code : client + code }));
});
const vitestExamples = ["vitest", "jest", "fake-timers"];
/** Headers of a response after which the quota is exhausted for half an hour. */
const exhausted = {
  "X-RateLimit-Resource-Remaining": "0",
  "X-RateLimit-Resource-Until": new Date(Date.now() + 1_800_000).toUTCString(),
};
const getFile = (name: string) => join(folder, `${name}${vitestExamples.includes(name) ? ".test" : ""}.ts`);

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  const compilerOptions = {
    types: ["node", "vitest/globals"],
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    noUnusedLocals: false,
  };
  const files = examples.map(({ name }) => getFile(name));
  const configuration = { extends: "../tsconfig.json", compilerOptions, files, include: [] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(configuration));
  for (const { name, code } of examples) {
    const source = code
      .replaceAll('"yandex-market-chats"', '"../src/index.js"')
      .replaceAll('"yandex-market-chats/testing"', '"../src/testing/index.js"')
      .replaceAll(/"(bullmq|@nestjs\/common)"/g, '"../test/docs/stubs.js"');
    await writeFile(getFile(name), source);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let server: MarketServer;
let workingFolder: string;
const running: ChildProcess[] = [];
beforeEach(async () => {
  server = await startMarketServer({ chats: sampleChats(50) });
  workingFolder = await mkdtemp(join(tmpdir(), "docs-"));
});
afterEach(async () => {
  running.splice(0).forEach((child) => child.kill("SIGKILL"));
  await server.close();
  await rm(workingFolder, { recursive: true, force: true });
});

function getEnvironment(): Record<string, string> {
  return {
    MARKET_URL: server.baseUrl,
    YANDEX_MARKET_API_KEY: server.apiKey,
    YANDEX_MARKET_BUSINESS_ID: String(server.businessId),
  };
}

/** Starts an example as a program. */
function start(name: string, environment: Record<string, string> = {}) {
  const preload = new URL("./docs/preload.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), "--import", preload, getFile(name)], {
    cwd: workingFolder,
    env: { PATH: process.env["PATH"], ...getEnvironment(), ...environment },
  });
  running.push(child);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const closed = once(child, "close");
  return {
    child,
    lines: () => stdout.split("\n").filter((line) => line !== ""),
    stderr: () => stderr,
    /** Resolves to the exit code. */
    end: async () => (await closed)[0] as number | null,
  };
}

/** Runs an example to its end. */
async function run(name: string, environment?: Record<string, string>) {
  const program = start(name, environment);
  const code = await program.end();
  return { code, lines: program.lines(), stderr: program.stderr() };
}

test.each([...documents])("%s contains only links to existing files and headings", (path, markdown) => {
  const broken = readLinks(markdown).filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : join(dirname(path), file);
    return !existsSync(join(root, target)) || (anchor !== undefined && !readAnchors(read(target)).includes(anchor));
  });
  expect(broken).toEqual([]);
});

describe.each([
  {
    path: "README.md",
    titles: { field: "field", status: "status", filter: "filter", option: "option", error: "class" },
  },
  {
    path: "docs/ru.md",
    titles: { field: "поле", status: "статус", filter: "фильтр", option: "параметр", error: "класс" },
  },
])("the tables of $path", ({ path, titles }) => {
  const getRows = (title: string, index = 0) => readTables(read(path), title)[index] ?? [];
  const getNames = (rows: string[][]) => rows.map(([cell]) => readCode(cell)[0] ?? "");
  const unquote = (values: string[]) => values.map((value) => value.replaceAll('"', ""));

  test("contain all fields of a chat", () => {
    const declared = ["Chat", "ChatContext"].flatMap((name) =>
      readInterface("src/generated/types.ts", name).map((field) =>
        name === "Chat" ? field.name : `context.${field.name}`,
      ),
    );
    const fields = getNames(getRows(titles.field));
    expect(fields.sort()).toEqual(declared.filter((name) => name !== "context").sort());
  });

  test("contain all statuses", () => {
    expect(unquote(getNames(getRows(titles.status))).sort()).toEqual([...entry.chatStatuses].sort());
  });

  test("contain all filters with their values", () => {
    const rows = getRows(titles.filter);
    const filters = Object.fromEntries(rows.map(([name, values]) => [readCode(name)[0], unquote(readCode(values))]));
    const types = readUnion("src/generated/types.ts", "ChatContextFilterType");
    expect(Object.keys(filters).sort()).toEqual(Object.keys(endpoints.getChats.filterLists).sort());
    expect(filters["statuses"]).toEqual(entry.chatStatuses);
    expect(filters["types"]).toEqual(entry.chatTypes);
    expect(filters["contextTypes"]).toEqual(entry.chatContextTypes);
    expect(filters["contexts"]).toEqual(types.map((type) => `{ type: ${type}, id }`));
  });

  test.each([
    { title: "the client", index: 0, interfaces: ["ChatsClientOptions"] },
    { title: "a call", index: 1, interfaces: ["CallOptions", "GetChatsOptions", "ListChatsOptions"] },
  ])("contain all options of $title with their defaults", ({ index, interfaces }) => {
    const rows = getRows(titles.option, index);
    const options = interfaces.flatMap((name) => readInterface("src/types.ts", name));
    expect(getNames(rows).sort()).toEqual(options.map(({ name }) => name).sort());
    const defaults = options.filter((option) => /^["\d]|^(true|false)$/.test(option.default ?? ""));
    expect(
      rows
        .filter(([, cell = ""]) => cell.startsWith("`"))
        .map(([name, cell]) => [name, cell])
        .sort(),
    ).toEqual(defaults.map((option) => [`\`${option.name}\``, `\`${option.default}\``]).sort());
  });

  test("contain all error classes with their base classes", () => {
    const classes = Object.entries(entry).filter(([name]) => name.endsWith("Error"));
    const bases = classes.map(([name, value]) => [name, (Object.getPrototypeOf(value) as { name: string }).name]);
    expect(
      getRows(titles.error)
        .map((row) => row.slice(0, 2).map((cell) => readCode(cell)[0]))
        .sort(),
    ).toEqual(bases.sort());
  });
});

describe("docs/testing.md", () => {
  const getNames = (title: string) =>
    (readTables(read("docs/testing.md"), title)[0] ?? []).map(([name]) => readCode(name)[0]);

  test("contains all options of the mock server", () => {
    const declared = readInterface("src/testing/options.ts", "MarketServerOptions").map(({ name }) => name);
    expect(getNames("option")).toEqual(declared);
  });

  test("contains all faults with their fields", async () => {
    const source = await readFile(join(root, "src/testing/faults.ts"), "utf8");
    const interfaces = [...source.matchAll(/^export interface (\w+Fault) /gm)].map(([, name = ""]) => name);
    const faults = interfaces.map((name) => {
      const fields = readInterface("src/testing/faults.ts", name);
      const show = (field: (typeof fields)[number]) =>
        field.name === "kind" ? `kind: ${field.type}` : field.name + (field.isOptional ? "?" : "");
      return `{ ${fields.map(show).join(", ")} }`;
    });
    expect(getNames("fault")).toEqual(faults);
  });
});

describe("the examples", () => {
  test("have unique names, and each is tested below", async () => {
    const names = examples.map(({ name }) => name);
    const source = await readFile(new URL(import.meta.url), "utf8");
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.filter((name) => name === "" || !source.includes(`"${name}`))).toEqual([]);
  });

  test("are the same in Russian, except for comments", () => {
    const omitComments = (code: string) => code.replaceAll(/ *\/\/.*/g, "");
    const originals = new Map(
      english.flatMap((path) => readExamples(read(path))).map(({ name, code }) => [name, code]),
    );
    const russian = readExamples(read("docs/ru.md"));
    expect(russian.length).toBeGreaterThan(3);
    for (const { name, code } of russian) {
      expect(omitComments(code)).toBe(omitComments(originals.get(name) ?? ""));
    }
  });

  test("compile", { timeout: 60_000 }, async () => {
    await promisify(execFile)(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]).catch(
      ({ stdout }: { stdout: string }) => expect.fail(stdout),
    );
  });
});

describe("the example", { timeout: 30_000 }, () => {
  test.each([
    ["client", () => []],
    ["mock-server", () => sampleChats(50).map(({ chatId, status }) => `${chatId} ${status}`)],
    ["start", () => [/chatId: \d+/, /status: 'FINISHED'/].map((pattern) => expect.stringMatching(pattern) as string)],
    ["faults", () => ["true", "20", "20", "10"]],
    ["low-level", () => ["5 9999"]],
  ])("%s prints the expected lines", async (name, getLines) => {
    const { code, lines } = await run(name);
    expect(lines).toEqual(name === "start" ? expect.arrayContaining(getLines()) : getLines());
    expect(code).toBe(0);
  });

  test.each(["quick-start", "waiting"])("%s lists the chats that wait for a reply", async (name) => {
    const isWaiting = ({ status, type }: entry.Chat) =>
      ["NEW", "WAITING_FOR_PARTNER"].includes(status) && (name === "quick-start" || type === "CHAT");
    const { lines } = await run(name);
    const ids = lines.map((line) => Number(/\d+/.exec(line)?.[0]));
    expect(ids).toEqual(server.chats.filter(isWaiting).map(({ chatId }) => chatId));
    if (name === "waiting") expect(lines[0]).toMatch(/ has been waiting for \d+\.\d h, order (\d+|none)$/);
  });

  test.each([
    [{ kind: "status", status: 404 }, 1, "There is no such chat\n"],
    [{ kind: "status", status: 401 }, 1, "getChat: HTTP 401: UNAUTHORIZED: Unauthorized; check that the key"],
    [{ kind: "cut", where: "before" }, 3, "No response after 3 attempts"],
    [{ kind: "html" }, 1, "getChat: unexpected response (HTTP 200): the body is not JSON (text/html"],
    [{ kind: "status", status: 420, headers: exhausted }, 1, "Try again at 20"],
  ] as const)("errors distinguishes %j", async (fault, times, message) => {
    server.queueFault(fault, { times });
    expect((await run("errors")).stderr).toContain(message);
  });

  test("resume continues after a crash, and starts over when the token has expired", async () => {
    const file = join(workingFolder, "chats.token");
    const ids = server.chats.map(({ chatId }) => chatId);
    server.queueFault({ kind: "status", status: 403 }, { when: () => server.requests.length === 3 });
    const first = await run("resume");
    expect([first.code, first.lines.length, existsSync(file)]).toEqual([1, 40, true]);
    const second = await run("resume");
    expect([...first.lines, ...second.lines].map(Number)).toEqual(ids);
    expect([second.code, existsSync(file)]).toEqual([0, false]);

    await writeFile(file, "expired");
    const third = await run("resume");
    expect(third.lines.map(Number)).toEqual(ids);
    expect(third.stderr).toBe("Starting over: getChats: HTTP 400: BAD_REQUEST: Bad page token\n");
  });

  test("ndjson continues after a crash, and starts over when the token has expired", async () => {
    const [file, bookmark] = [join(workingFolder, "chats.ndjson"), join(workingFolder, "chats.bookmark")];
    const readLines = async () =>
      (await readFile(file, "utf8"))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    server.queueFault({ kind: "html" }, { when: () => server.requests.length === 3 });
    expect((await run("ndjson")).code).toBe(1);
    await appendFile(file, '{"chatId":'); // as after a crash in the middle of the next page
    expect((await run("ndjson")).code).toBe(0);
    expect(await readLines()).toEqual(server.chats);
    expect([server.requests.length, existsSync(bookmark)]).toEqual([4, false]);

    await writeFile(bookmark, JSON.stringify({ pageToken: "expired", size: 100 }));
    expect((await run("ndjson")).stderr).toContain("Starting over");
    expect(await readLines()).toEqual(server.chats);
  });

  test("notification responds, and reads the chat", async () => {
    const program = start("notification");
    const port = await vi.waitFor(() => /port (\d+)/.exec(program.stderr())?.[1] ?? expect.fail(), 10_000);
    const { chatId } = server.chats[0]!;
    const body = JSON.stringify({ notificationType: "CHAT_CREATED", chatId });
    const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body });
    expect(await response.json()).toMatchObject({ name: "my-helpdesk" });
    await vi.waitFor(() => expect(program.lines()[0]).toContain(`New chat ${chatId} about order`), 10_000);
  });

  test("poll reports each new and changed chat once, also after a restart", async () => {
    const getIds = (program: ReturnType<typeof start>) => program.lines().map((line) => Number(line.split(" ")[0]));
    const finishRounds = async () => {
      server.requests.length = 0;
      const isStart = ({ query }: { query: object }) => !("page_token" in query);
      await vi.waitFor(() => expect(server.requests.filter(isStart).length).toBeGreaterThan(3), 10_000);
    };
    const first = start("poll");
    await finishRounds();
    expect(getIds(first)).toEqual(server.chats.map(({ chatId }) => chatId));

    const [sample, changed] = [server.chats[0]!, server.chats[1]!];
    changed.updatedAt = "2026-01-01T12:00:00+03:00";
    server.chats.push({ ...sample, chatId: 999_999_999 });
    await finishRounds();
    first.child.kill("SIGTERM");
    expect([await first.end(), first.stderr()]).toEqual([0, ""]);
    expect(getIds(first).slice(50)).toEqual([changed.chatId, 999_999_999]);

    server.chats.push({ ...sample, chatId: 999_999_998 });
    const second = start("poll");
    await finishRounds();
    expect(getIds(second)).toEqual([999_999_998]);
  });

  test("sigterm stops during a request", async () => {
    server.queueFault({ kind: "delay", milliseconds: 60_000 }, { when: () => server.requests.length === 2 });
    const program = start("sigterm");
    await vi.waitFor(() => expect(server.requests).toHaveLength(2), 10_000);
    program.child.kill("SIGTERM");
    expect([await program.end(), program.stderr(), program.lines().length]).toEqual([0, "stopped\n", 20]);
  });

  test("proxy sends its request through the proxy", async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on("connect", ({ url = "" }: IncomingMessage, client: Socket) => {
      tunnels.push(url);
      const target = connect(Number(url.split(":")[1]), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      });
      pipeline(client, target, client, () => undefined);
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    const { port } = proxy.address() as AddressInfo;
    expect((await run("proxy", { HTTPS_PROXY: `http://127.0.0.1:${port}` })).lines).toEqual(["20"]);
    expect(tunnels).toEqual([new URL(server.baseUrl).host]);
    proxy.close();
  });

  test("logging reports each attempt, the retry delay, and the quota", async () => {
    server.queueFault({ kind: "status", status: 503 });
    const { stderr } = await run("logging");
    expect(stderr).toMatch(/^POST \S+ #1: getChats: HTTP 503: .* in \d+ ms.*\nquota|retry in \d+ ms/);
    expect(stderr).toMatch(/\nretry in \d+ ms\n(.*\n)*POST \S+ #2: 200 in \d+ ms.*\nquota remaining: 100 %\n$/);
  });

  test("unknown-status has a folder for a status that it does not know", async () => {
    Object.assign(server.chats[0]!, { status: "ESCALATED" });
    const { lines } = await run("unknown-status");
    expect(lines[0]).toBe(`${server.chats[0]!.chatId} inbox`);
    expect(new Set(lines.map((line) => line.split(" ")[1]))).toEqual(new Set(["inbox", "waiting", "archive"]));
  });

  test("node-test passes", async () => {
    expect((await run("node-test")).lines.join()).toContain("pass 1");
  });

  test("vitest, jest and fake-timers pass", async () => {
    const options = ["run", "--root", folder, "--globals"];
    const vitest = [join(root, "node_modules/vitest/vitest.mjs"), ...options];
    expect((await promisify(execFile)(process.execPath, vitest, { cwd: root })).stdout).toMatch(/Tests .*3 passed/);
  });
});

describe("the module", () => {
  const load = async (name: string): Promise<any> => import(getFile(name));
  beforeEach(() => {
    Object.entries(getEnvironment()).forEach(([name, value]) => vi.stubEnv(name, value));
    const { fetch } = globalThis;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
      fetch(url.replace("https://api.partner.market.yandex.ru", server.baseUrl), init),
    );
    vi.resetModules();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  test("nest provides a service with a client", async () => {
    const { ChatsModule, ChatsService, CHATS_CLIENT } = await load("nest");
    const [service, { provide, useFactory }] = ChatsModule.metadata.providers;
    expect([service, provide]).toEqual([ChatsService, CHATS_CLIENT]);
    expect(await new ChatsService(useFactory()).getChat(server.chats[0]!.chatId)).toEqual(server.chats[0]);
  });

  test("next creates no client before the first request", async () => {
    vi.stubEnv("YANDEX_MARKET_API_KEY", "");
    const { GET } = await load("next");
    vi.stubEnv("YANDEX_MARKET_API_KEY", server.apiKey);
    const chats = (await (await GET()).json()) as entry.Chat[];
    expect(new Set(chats.map(({ status }) => status))).toEqual(new Set(["WAITING_FOR_PARTNER"]));
  });

  test("express responds with the waiting chats, and with 502 to an error of the API", async () => {
    const { getWaitingChats } = await load("express");
    const handled: Promise<void>[] = [];
    const app = createServer((request, response) => void handled.push(getWaitingChats(request, response)));
    await once(app.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    const chats = (await (await fetch(url)).json()) as entry.Chat[];
    expect(new Set(chats.map(({ status }) => status))).toEqual(new Set(["WAITING_FOR_PARTNER"]));

    vi.spyOn(console, "error").mockReturnValue();
    server.queueFault({ kind: "status", status: 401 });
    expect((await fetch(url)).status).toBe(502);
    const controller = new AbortController();
    server.queueFault({ kind: "delay", milliseconds: 60_000 }, { when: () => (controller.abort(), true) });
    await fetch(url, { signal: controller.signal }).catch(() => undefined);
    await Promise.all(handled);
    expect(console.error).toHaveBeenCalledTimes(1);
    app.close().closeAllConnections();
  });

  test("serverless responds with a chat", async () => {
    const { handler } = await load("serverless");
    const [chat] = server.chats;
    expect(JSON.parse((await handler({ queryStringParameters: { chatId: chat!.chatId } })).body)).toEqual(chat);
  });

  test("bullmq delays the job until the quota resets", async () => {
    const log = vi.spyOn(console, "log").mockReturnValue();
    const { worker } = await load("bullmq");
    const job = { data: { chatId: server.chats[0]!.chatId }, moveToDelayed: vi.fn() };
    await worker.process(job, "token");
    expect(log).toHaveBeenCalledWith(job.data.chatId, "NEW");
    server.queueFault({ kind: "status", status: 420, headers: exhausted });
    await expect(worker.process(job, "token")).rejects.toHaveProperty("constructor.name", "DelayedError");
    expect(job.moveToDelayed.mock.calls[0]).toEqual([expect.closeTo(Date.now() + 1_800_000, -5), "token"]);
  });

  test("happy-dom turns the same-origin policy off", async () => {
    const { default: config } = await load("happy-dom");
    expect(config.test.environmentOptions.happyDOM.settings.fetch).toEqual({ disableSameOriginPolicy: true });
  });
});
