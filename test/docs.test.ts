import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream";
import openapiTS, { astToString } from "openapi-typescript";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { endpoints } from "../src/generated/constants.js";
import * as entry from "../src/index.js";
import { faultFields } from "../src/testing/fault-fields.js";
import { type MarketServer, type ReceivedRequest, sampleChats, startMarketServer } from "../src/testing/index.js";
import * as docs from "./docs/markdown.js";
import { readCode, readExamples, readInterface, root } from "./docs/markdown.js";
import { command, getVariables, start as startProgram } from "./support/cli.js";

const english = docs.documents.filter((path) => /^(README|docs\/.*(?<!ru))\.md$/.test(path));
const examples = english.flatMap((path) => {
  const all = readExamples(path);
  const [client = ""] = all.flatMap(({ code }) => /^import .*?^const market = .*?^\}\);\n/ms.exec(code)?.[0] ?? []);
  // An example that creates no client uses that of its page.
  return all.map(({ name, code }) => ({ name, code: code.includes("createChatsClient") ? code : client + code }));
});
const folder = join(root, ".examples");
const getFile = (name: string) =>
  join(folder, `${name}${["vitest", "jest", "fake-timers"].includes(name) ? ".test" : ""}.ts`);

/** Headers of a response after which the quota is exhausted for half an hour. */
const exhausted = {
  "X-RateLimit-Resource-Remaining": "0",
  "X-RateLimit-Resource-Until": new Date(Date.now() + 1_800_000).toUTCString(),
};

let server: MarketServer;
let workingFolder: string;
beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  const decorators = { experimentalDecorators: true, emitDecoratorMetadata: true };
  const compilerOptions = { ...decorators, types: ["node", "vitest/globals"], noUnusedLocals: false };
  const files = examples.map(({ name }) => getFile(name));
  const configuration = { extends: "../tsconfig.json", compilerOptions, files, include: [] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(configuration));
  const marketApi = await openapiTS(new URL("./docs/market-api.yaml", import.meta.url));
  await writeFile(join(folder, "market-api.ts"), astToString(marketApi));
  for (const { name, code } of examples) {
    const source = code
      .replaceAll('"yandex-market-chats"', '"../src/index.js"')
      .replaceAll('"yandex-market-chats/testing"', '"../src/testing/index.js"')
      .replaceAll(/"(bullmq|@nestjs\/common)"/g, '"../test/docs/stubs.js"')
      .replaceAll("apiKey: ", "baseUrl: process.env.YANDEX_MARKET_BASE_URL, apiKey: ")
      .replace("listen(8080)", 'listen(0, "127.0.0.1", () => console.error("port", Object(server.address()).port))')
      .replace("setTimeout(60_000", "setTimeout(20");
    await writeFile(getFile(name), source);
  }
});
beforeEach(async () => {
  server = await startMarketServer({ chats: sampleChats(50) });
  workingFolder = await mkdtemp(join(tmpdir(), "docs-"));
});
afterEach(async () => {
  vi.unstubAllEnvs().restoreAllMocks();
  await server.close();
  await rm(workingFolder, { recursive: true, force: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Windows has no signals between processes. */
const receiveSignals = "process.on('message', (signal) => process.emit(signal, signal)).channel.unref()";

/** Starts an example as a program. */
function start(name: string, environment: Record<string, string> = {}) {
  const options = ["--import", import.meta.resolve("tsx"), "--import", `data:text/javascript,${receiveSignals}`];
  const variables = { ...getVariables(server), ...environment };
  const program = startProgram([process.execPath, ...options, getFile(name)], variables, {
    cwd: workingFolder,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  onTestFinished(() => void program.child.kill("SIGKILL"));
  const readLines = () => program.output.stdout.split("\n").filter(Boolean);
  return { ...program, readLines, end: async () => ({ ...(await program.end()), lines: readLines() }) };
}

const run = (name: string, environment?: Record<string, string>) => start(name, environment).end();

/** Runs a script of an installed package. */
const runPackage = (script: string, ...options: string[]) =>
  startProgram([process.execPath, join(root, "node_modules", script), ...options]).end();

test.each(docs.documents)("%s links only to existing files and headings", (path) => {
  const broken = docs.readLinks(path).filter((link) => {
    const [file, anchor] = link.split("#");
    const target = file ? join(dirname(path), file) : path;
    return !existsSync(join(root, target)) || (anchor && !docs.readAnchors(target).includes(anchor));
  });
  expect(broken).toEqual([]);
});

const readMatches = (path: string, pattern: RegExp) =>
  [...docs.read(path).matchAll(pattern)].map((match) => match.slice(1).join(" "));
const isLiteral = (text: string) => /^["\d]|^(true|false)$/.test(text);
const readOptions = (...interfaces: string[]) =>
  interfaces
    .flatMap((name) => readInterface("src/types.ts", name))
    .map(({ name, initial }) => (isLiteral(initial) ? `${name} ${initial}` : name));
const client = readOptions("ChatsClientOptions");
const call = readOptions("CallOptions", "GetChatsOptions", "ListChatsOptions");
const serverOptions = readInterface("src/testing/options.ts", "MarketServerOptions").map(({ name }) => name);
const errors = readMatches("src/errors.ts", /^export class (\w+) extends (\w+)/gm);
const fields = [
  ...readInterface("src/generated/types.ts", "Chat").flatMap(({ name }) => (name === "context" ? [] : [name])),
  ...readInterface("src/generated/types.ts", "ChatContext").map(({ name }) => `context.${name}`),
];
const faults = Object.entries(faultFields).map(([kind, fields]) => {
  const names = Object.entries(fields).map(([name, checkField]) => name + ("isOptional" in checkField ? "?" : ""));
  return `{ ${[`kind: ${kind}`, ...names].join(", ")} }`;
});
const [contextTypes = ""] = readMatches("src/generated/types.ts", /^export type ChatContextFilterType = (.*);/gm);
const filterValues = {
  contexts: contextTypes.split(" | ").map((type) => `{ type: ${type}, id }`),
  contextTypes: entry.chatContextTypes,
  orderIds: ["contexts"], // which replaces it
  statuses: entry.chatStatuses,
  types: entry.chatTypes,
} satisfies Record<keyof typeof endpoints.getChats.filterLists, readonly string[]>;
const filters = Object.entries(filterValues).map(([name, values]) => [name, ...values].join(" "));

/** A table is identified by the title of its first column. `rows` contains the code in its first columns. */
test.each([
  [{ "README.md": "Field", "docs/ru.md": "Поле" }, 0, 1, fields],
  [{ "README.md": "Status", "docs/ru.md": "Статус" }, 0, 1, entry.chatStatuses],
  [{ "README.md": "Filter", "docs/ru.md": "Фильтр" }, 0, 2, filters],
  [{ "README.md": "Class", "docs/ru.md": "Класс" }, 0, 2, errors],
  [{ "README.md": "Option", "docs/ru.md": "Параметр" }, 0, 2, client],
  [{ "README.md": "Option", "docs/ru.md": "Параметр" }, 1, 2, call],
  [{ "docs/testing.md": "Option" }, 0, 1, serverOptions],
  [{ "docs/testing.md": "Fault", "docs/ru.md": "Сбой" }, 0, 1, faults],
])("the table %j (%d) is complete", (titles, index, columns, rows) => {
  const tables = Object.entries(titles).map(([path, title]) => docs.readTables(path, title)[index] ?? []);
  const sort = (texts: readonly string[]) => texts.map((text) => text.replaceAll('"', "")).sort();
  for (const table of tables) {
    expect(sort(table.map((row) => readCode(row.slice(0, columns).join()).join(" ")))).toEqual(sort(rows));
  }
});

describe("the examples", () => {
  test("have unique names, are tested below, and are the same in Russian, except for comments", () => {
    const names = examples.map(({ name }) => name);
    const source = docs.read("test/docs.test.ts");
    expect(names.filter((name, index) => names.indexOf(name) !== index || !source.includes(`"${name}`))).toEqual([]);
    const readCodes = (path: string) =>
      readExamples(path).map(({ name, code }) => `${name}: ${code.replaceAll(/ *\/\/.*/g, "")}`);
    expect(english.flatMap(readCodes)).toEqual(expect.arrayContaining(readCodes("docs/ru.md")));
  });

  test("compile", { timeout: 60_000 }, async () => {
    const { code, stdout } = await runPackage("typescript/bin/tsc", "-p", folder);
    expect(code, stdout).toBe(0);
  });
});

describe("the example", { timeout: 30_000 }, () => {
  const chats = sampleChats(50);
  const waiting = chats.filter(({ status }) => ["NEW", "WAITING_FOR_PARTNER"].includes(status));
  const waits = waiting
    .filter(({ type }) => type === "CHAT")
    .map(({ chatId }): unknown => expect.stringMatching(`^Chat ${chatId} .* for \\d+\\.\\d h, order`));
  test.each([
    ["client", []],
    ["quick-start", waiting.map((chat) => `${chat.chatId} ${chat.status} ${chat.context.type} ${chat.updatedAt}`)],
    ["waiting", waits],
    ["deduplicate", ["50"]],
    ["mock-server", chats.map(({ chatId, status }) => `${chatId} ${status}`)],
    ["start", expect.arrayContaining(["  status: 'FINISHED',"])],
    ["faults", ["true", "20", "20", "10"]],
    ["real-faults", []],
    ["low-level", ["5 9999"]],
    ["node-test", expect.arrayContaining([expect.stringMatching(/pass 1$/)])],
  ])("%s prints the expected lines", async (name, expected: unknown) => {
    const { code, lines } = await run(name);
    expect({ code, lines }).toEqual({ code: 0, lines: expected });
  });

  test.each([
    [{ kind: "status", status: 404 }, 1, "There is no such chat\n"],
    [{ kind: "status", status: 401 }, 1, "getChat: HTTP 401: UNAUTHORIZED: Unauthorized; check that the key"],
    [{ kind: "cut", where: "before" }, 3, "No response after 3 attempts"],
    [{ kind: "html" }, 1, "getChat: unexpected response (HTTP 200): the body is not JSON (text/html"],
    [{ kind: "status", status: 420, headers: exhausted }, 1, "Try again at 20"],
  ] as const)('"errors" distinguishes %j', async (fault, times, message) => {
    server.queueFault(fault, { times });
    expect((await run("errors")).stderr).toContain(message);
  });

  test.each([
    ["resume", "chats.token", "expired"],
    ["ndjson", "chats.bookmark", JSON.stringify({ pageToken: "expired", size: 100 })],
  ])("%s continues after an error, and starts over when the token has expired", async (name, stateFile, expired) => {
    const output = join(workingFolder, "chats.ndjson");
    const state = join(workingFolder, stateFile);
    const ids = server.chats.map(({ chatId }) => chatId);
    const readIds = async (...runs: { lines: string[] }[]) => {
      const text = name === "resume" ? runs.flatMap(({ lines }) => lines).join("\n") : await readFile(output, "utf8");
      return [...text.matchAll(/^(?:{"chatId":)?(\d+)/gm)].map(([, id]) => Number(id));
    };
    server.queueFault({ kind: "html" }, { when: () => server.requests.length === 3 });
    const first = await run(name);
    expect([first.code, existsSync(state)]).toEqual([1, true]);
    await appendFile(output, '{"chatId":'); // as after a crash in the middle of the next page
    const second = await run(name);
    expect([second.code, existsSync(state), server.requests.length]).toEqual([0, false, 4]);
    expect(await readIds(first, second)).toEqual(ids);

    await writeFile(state, expired);
    const third = await run(name);
    expect(third.stderr).toBe("Starting over: getChats: HTTP 400: BAD_REQUEST: Bad page token\n");
    expect(await readIds(third)).toEqual(ids);
  });

  test("notification responds to each, and reads each chat once", async () => {
    const program = start("notification");
    const port = await vi.waitFor(() => /port (\d+)/.exec(program.output.stderr)?.[1] ?? expect.fail(), 10_000);
    const [first, second] = server.chats.map(({ chatId }) => chatId);
    const notify = async (notification: object) => {
      const body = JSON.stringify(notification);
      const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body });
      expect(await response.json()).toMatchObject({ name: "my-helpdesk" });
    };
    await notify({ notificationType: "PING", time: "2026-01-01T12:00:00Z" });
    for (const chatId of [first, first, second]) await notify({ notificationType: "CHAT_CREATED", chatId });
    const expected = [first, second].map((id) => expect.stringContaining(`New chat ${id} about order`) as string);
    await vi.waitFor(() => expect(program.readLines().sort()).toEqual(expected.sort()), 10_000);
    expect(server.requests).toHaveLength(2);
  });

  test("poll reports each new and changed chat once, also after a restart", async () => {
    const finishRounds = async () => {
      server.requests.length = 0;
      const isStart = ({ query }: { query: object }) => !("page_token" in query);
      await vi.waitFor(() => expect(server.requests.filter(isStart).length).toBeGreaterThan(3), 10_000);
    };
    const first = start("poll");
    await finishRounds();
    server.chats[1]!.updatedAt = "2026-01-01T12:00:00+03:00";
    server.chats.push({ ...server.chats[0]!, chatId: 999_999_999 });
    await finishRounds();
    first.child.send("SIGTERM");
    const ids = server.chats.map(({ chatId }) => String(chatId));
    const { code, lines, stderr } = await first.end();
    expect(lines.map((line) => line.split(" ")[0]).sort()).toEqual([...ids, ids[1]].sort());
    expect([code, stderr]).toEqual([0, ""]);

    server.chats.push({ ...server.chats[0]!, chatId: 999_999_998 });
    const second = start("poll");
    await finishRounds();
    expect(second.readLines()).toEqual([expect.stringContaining("999999998")]);
  });

  test("sigterm stops during a request", async () => {
    server.queueFault({ kind: "delay", milliseconds: 60_000 }, { when: () => server.requests.length === 2 });
    const program = start("sigterm");
    await vi.waitFor(() => expect(server.requests).toHaveLength(2), 10_000);
    program.child.send("SIGTERM");
    expect(await program.end()).toMatchObject({ code: 0, stderr: "stopped\n", lines: { length: 20 } });
  });

  test("proxy sends its request through the proxy", async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on("connect", ({ url = "" }: IncomingMessage, client: Socket) => {
      tunnels.push(url);
      const target = connect(Number(url.split(":")[1]), "127.0.0.1");
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      pipeline(client, target, client, () => undefined);
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const variables = { ...getVariables(server), HTTPS_PROXY: url, HTTP_PROXY: url };
    expect((await run("proxy", variables)).lines).toEqual(["20"]);
    expect(tunnels.splice(0)).toEqual([new URL(server.baseUrl).host]);
    const [node, ...args] = command;
    const listing = startProgram([node, "--import", "tsx", "--import", getFile("proxy-agent"), ...args], variables);
    expect((await listing.end()).code).toBe(0);
    expect(new Set(tunnels)).toEqual(new Set([new URL(server.baseUrl).host]));
    proxy.close();
  });

  test("logging reports each attempt, the retry delay, and the quota", async () => {
    server.queueFault({ kind: "status", status: 503 });
    const { stderr } = await run("logging");
    expect(stderr).toMatch(/^POST \S+ #1: getChats: HTTP 503: .* in \d+ ms.*\nretry in \d+ ms\n/);
    expect(stderr).toMatch(/\nPOST \S+ #2: 200 in \d+ ms.*\nquota remaining: 100 %\n$/);
  });

  test("other-operations reads the history, sends a message once, and uploads a file", async () => {
    const isAt = (end: string) => ({ when: ({ path }: ReceivedRequest) => path.endsWith(end) });
    const history = { status: "OK", result: { messages: [{ message: "Is it in stock?" }] } };
    server.queueFault({ kind: "body", body: JSON.stringify(history) }, isAt("/history"));
    server.queueFault({ kind: "status", status: 500 }, isAt("/message"));
    server.queueFault({ kind: "body", body: '{"status":"OK"}' }, isAt("/file/send"));
    const { lines, stderr } = await run("other-operations");
    expect([lines, stderr]).toEqual([["Is it in stock?"], expect.stringMatching(/^500 /)]);
    const file = expect.stringMatching(/name="file"; filename="invoice.txt"[^]*\sInvoice 17\s/) as string;
    expect(server.requests).toMatchObject([
      { path: "/v2/businesses/123456/chats/history", key: "right", body: { messageIdFrom: 1 } },
      { path: "/v2/businesses/123456/chats/message", key: "right", body: { message: "Hello" } },
      { path: "/v2/businesses/123456/chats/file/send", key: "right", body: file },
    ]);
  });

  test("unknown-status has a folder for a status that it does not know", async () => {
    Object.assign(server.chats[0]!, { status: "ESCALATED" });
    const { lines } = await run("unknown-status");
    expect(lines[0]).toBe(`${server.chats[0]!.chatId} inbox`);
    expect(new Set(lines.map((line) => line.split(" ")[1]))).toEqual(new Set(["inbox", "waiting", "archive"]));
  });

  test("vitest, jest and fake-timers pass", async () => {
    const { stdout } = await runPackage("vitest/vitest.mjs", "run", "--root", folder, "--globals");
    expect(stdout).toMatch(/Tests .*3 passed/);
  });
});

describe("the module", () => {
  const isWaiting = ({ status }: entry.Chat) => status === "WAITING_FOR_PARTNER";
  const load = (name: string): Promise<any> => {
    Object.entries(getVariables(server)).forEach(([variable, value]) => vi.stubEnv(variable, value));
    return import(getFile(name));
  };

  test("nest provides a service with a client", async () => {
    const { ChatsModule, ChatsService } = await load("nest");
    const service = new ChatsService(ChatsModule.metadata.providers[1].useFactory());
    expect(await service.getChat(server.chats[0]!.chatId)).toEqual(server.chats[0]);
  });

  test("serverless responds with a chat", async () => {
    const { handler } = await load("serverless");
    const { body } = await handler({ queryStringParameters: { chatId: String(server.chats[0]!.chatId) } });
    expect(JSON.parse(body)).toEqual(server.chats[0]);
  });

  test("next creates no client before the first request", async () => {
    const { GET } = await load("next");
    const fetch = vi.spyOn(globalThis, "fetch");
    vi.stubEnv("YANDEX_MARKET_API_KEY", "");
    await expect(GET()).rejects.toThrow("apiKey must be");
    vi.stubEnv("YANDEX_MARKET_API_KEY", server.apiKey);
    expect(await (await GET()).json()).toHaveLength(server.chats.filter(isWaiting).length);
    expect(fetch).toHaveBeenLastCalledWith(expect.anything(), expect.objectContaining({ cache: "no-store" }));
  });

  test("workers responds with a client per request", async () => {
    const { default: worker } = await load("workers");
    const environment = { API_KEY: server.apiKey, BUSINESS_ID: String(server.businessId) };
    const response = await worker.fetch(new Request("http://localhost"), environment);
    expect(await response.json()).toHaveLength(server.chats.filter(isWaiting).length);
  });

  test("express responds with the waiting chats, and with 502 to an error of the API", async () => {
    const { getWaitingChats } = await load("express");
    const handled: Promise<void>[] = [];
    const app = createServer((request, response) => void handled.push(getWaitingChats(request, response)));
    await once(app.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    expect(await (await fetch(url)).json()).toEqual(server.chats.filter(isWaiting));

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

  test("bullmq delays the job until the quota resets", async () => {
    const log = vi.spyOn(console, "log").mockReturnValue();
    const { worker } = await load("bullmq");
    const job = { data: { chatId: server.chats[0]!.chatId }, moveToDelayed: vi.fn() };
    await worker.process(job, "token");
    expect(log).toHaveBeenCalledWith(job.data.chatId, "NEW");
    server.queueFault({ kind: "status", status: 420, headers: exhausted });
    await expect(worker.process(job, "token")).rejects.toHaveProperty("name", "DelayedError");
    const until = Date.parse(exhausted["X-RateLimit-Resource-Until"]);
    expect(job.moveToDelayed).toHaveBeenCalledExactlyOnceWith(expect.closeTo(until, -5), "token");
  });

  test("happy-dom turns the same-origin policy off", async () => {
    const { default: config } = await load("happy-dom");
    expect(config.test.environmentOptions.happyDOM.settings.fetch).toEqual({ disableSameOriginPolicy: true });
  });
});
