import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, connect, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { ChatsClient } from "../src/index.js";
import { type MarketServer, sampleChats, startMarketServer } from "../src/testing/index.js";
import { examplesIn, readme } from "./readme/examples.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = join(root, ".examples");
const examples = examplesIn(readme);
const fileOf = (name: string) => join(folder, `${name}${name === "vitest" || name === "node-test" ? ".test" : ""}.ts`);

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  const files = examples.map(({ name }) => fileOf(name));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../tsconfig.json", files, include: [] }));
  for (const { name, code } of examples) {
    const source = code
      .replaceAll('"yandex-market-chats"', '"../src/index.js"')
      .replaceAll('"yandex-market-chats/testing"', '"../src/testing/index.js"');
    await writeFile(fileOf(name), source);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let server: MarketServer;
let workingFolder: string;
const running: ChildProcess[] = [];
beforeEach(async () => {
  server = await startMarketServer({ chats: sampleChats(50) });
  workingFolder = await mkdtemp(join(tmpdir(), "readme-"));
});
afterEach(async () => {
  running.splice(0).forEach((child) => child.kill("SIGKILL"));
  await server.close();
  await rm(workingFolder, { recursive: true, force: true });
});

function marketEnvironment(): Record<string, string> {
  return {
    MARKET_URL: server.baseUrl,
    YANDEX_MARKET_API_KEY: server.apiKey,
    YANDEX_MARKET_BUSINESS_ID: String(server.businessId),
  };
}

/** Starts an example as a program of its own. */
function start(name: string, environment: Record<string, string> = {}) {
  const preload = new URL("./readme/preload.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), "--import", preload, fileOf(name)], {
    cwd: workingFolder,
    env: { PATH: process.env["PATH"], ...marketEnvironment(), ...environment },
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

describe("the README", () => {
  test("names every example, and each is tested here", () => {
    const tested = [
      ...[
        "ten-lines",
        "without-a-key",
        "errors",
        "resume",
        "waiting",
        "notification",
        "poll",
        "ndjson",
        "sigterm",
        "proxy",
        "logging",
      ],
      ...["raw", "unknown-status", "nest", "express", "serverless", "vitest", "node-test"],
    ];
    expect([...new Set(examples.map(({ name }) => name))]).toEqual(tested);
  });

  test("says in Russian what it says in English", () => {
    const [english = "", russian = ""] = readme.split("## По-русски\n");
    const codeByName = new Map(examplesIn(english).map(({ name, code }) => [name, code]));
    expect(examplesIn(russian).map(({ name }) => name)).toEqual(["ten-lines", "without-a-key", "errors"]);
    for (const { name, code } of examplesIn(russian)) {
      expect(code).toBe(codeByName.get(name));
    }
    const errorsIn = (text: string) => [...text.matchAll(/^\| `(\w+(?: extends \w+)?)`/gm)].map(([, name]) => name);
    expect(errorsIn(russian)).toEqual(errorsIn(english.split("## Errors")[1]?.split("\n## ")[0] ?? ""));
    expect(errorsIn(russian)).toHaveLength(6);
  });

  test("has examples that compile", { timeout: 60_000 }, async () => {
    await promisify(execFile)(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]).catch(
      ({ stdout }: { stdout: string }) => expect.fail(stdout),
    );
  });
});

describe("the example", { timeout: 30_000 }, () => {
  test("ten-lines lists the chats with the two statuses", async () => {
    const { code, lines } = await run("ten-lines");
    const expected = server.chats.filter(({ status }) => status === "NEW" || status === "WAITING_FOR_PARTNER");
    expect(lines).toEqual(
      expected.map((chat) => [chat.chatId, chat.status, chat.context.type, chat.updatedAt].join(" ")),
    );
    expect(expected.length).toBeGreaterThan(0);
    expect(code).toBe(0);
  });

  test("without-a-key lists the chats of a server of its own", async () => {
    const { code, lines } = await run("without-a-key");
    expect(lines).toHaveLength(50);
    expect(server.requests).toEqual([]);
    expect(code).toBe(0);
  });

  test("errors tells a chat that does not exist from a quota that is used up", async () => {
    expect((await run("errors")).stderr).toBe("There is no such chat\n");
    server.queueFault({ kind: "cut", where: "before" }, { times: 3 });
    expect((await run("errors")).stderr).toContain("The Market did not answer 3 times");
    server.queueFault({ kind: "html" });
    expect((await run("errors")).stderr).toBe(
      "That is not the Market that we know: getChat: 200, but the body is not JSON (text/html)\n",
    );
  });

  test("resume goes on after a crash with exactly the rest", async () => {
    const thirdPage = () => server.requests.length === 3;
    server.queueFault({ kind: "status", status: 403 }, { when: thirdPage });
    const first = await run("resume");
    expect(first.code).toBe(1);
    expect(existsSync(join(workingFolder, "listing.token"))).toBe(true);

    const second = await run("resume");
    expect(second.code).toBe(0);
    expect(first.lines).toHaveLength(40);
    expect([...first.lines, ...second.lines].map(Number)).toEqual(server.chats.map(({ chatId }) => chatId));
    expect(existsSync(join(workingFolder, "listing.token"))).toBe(false);
  });

  test("waiting names chats, hours and orders", async () => {
    const { lines } = await run("waiting");
    const expected = server.chats.filter(({ status, type }) => status === "WAITING_FOR_PARTNER" && type === "CHAT");
    expect(lines).toHaveLength(expected.length);
    expect(lines[0]).toMatch(/^Chat \d+ has been waiting for \d+\.\d h, order (\d+|none)$/);
  });

  test("notification reads the chat that it is told about", async () => {
    const port = await freePort();
    const program = start("notification", { EXAMPLE_PORT: String(port) });
    const { chatId } = server.chats[0]!;
    const body = JSON.stringify({ notificationType: "CHAT_CREATED", chatId });
    const answer = await vi.waitFor(() => fetch(`http://127.0.0.1:${port}`, { method: "POST", body }), 10_000);
    expect(await answer.json()).toMatchObject({ name: "my-helpdesk" });
    await vi.waitFor(() => expect(program.lines()[0]).toContain(`New chat ${chatId} about order`), 10_000);
  });

  test("poll tells new and changed chats, each once, over a restart too", async () => {
    const first = start("poll");
    const idsOf = (program: typeof first) => program.lines().map((line) => Number(line.split(" ")[0]));
    const rounds = () => server.requests.filter(({ query }) => query["page_token"] === undefined).length;
    await vi.waitFor(() => expect(rounds()).toBeGreaterThan(3), 10_000);
    expect(idsOf(first)).toEqual(server.chats.map(({ chatId }) => chatId));

    const [changed, sample] = [server.chats[1]!, server.chats[0]!];
    changed.status = "FINISHED";
    changed.updatedAt = "2026-01-01T12:00:00+03:00";
    server.chats.push({ ...sample, chatId: 999_999_999 });
    const before = rounds();
    await vi.waitFor(() => expect(rounds()).toBeGreaterThan(before + 3), 10_000);
    expect(new Set(idsOf(first).slice(50))).toEqual(new Set([changed.chatId, 999_999_999]));
    first.child.kill("SIGTERM");
    expect(await first.end()).toBe(0);
    expect(first.lines()).toHaveLength(52);
    expect(first.stderr()).toBe("");

    server.chats.push({ ...sample, chatId: 999_999_998 });
    const second = start("poll");
    const afterRestart = rounds();
    await vi.waitFor(() => expect(rounds()).toBeGreaterThan(afterRestart + 3), 10_000);
    expect(idsOf(second)).toEqual([999_999_998]);
  });

  test("ndjson exports everything, and goes on where it stopped", async () => {
    const file = join(workingFolder, "chats.ndjson");
    server.queueFault({ kind: "html" }, { when: () => server.requests.length === 3 });
    expect((await run("ndjson")).code).toBe(1);
    await appendFile(file, '{"chatId":'); // as if it had crashed in the middle of the next page
    expect((await run("ndjson")).code).toBe(0);
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(server.chats);
    expect(server.requests).toHaveLength(4);
    expect(existsSync(join(workingFolder, "chats.bookmark"))).toBe(false);

    // As if it had crashed between the last page and the end.
    await writeFile(join(workingFolder, "chats.bookmark"), JSON.stringify({ size: 5_000 }));
    await run("ndjson");
    expect((await readFile(file, "utf8")).trimEnd().split("\n")).toEqual(lines);
  });

  test("sigterm stops at once", async () => {
    server.queueFault({ kind: "delay", milliseconds: 60_000 }, { when: () => server.requests.length === 2 });
    const program = start("sigterm");
    await vi.waitFor(() => expect(server.requests).toHaveLength(2), 10_000);
    program.child.kill("SIGTERM");
    expect(await program.end()).toBe(0);
    expect(program.stderr()).toBe("stopped\n");
    expect(program.lines()).toHaveLength(20);
  });

  test("proxy goes through the proxy", async () => {
    const tunnelled: string[] = [];
    const proxy = createServer().on("connect", ({ url = "" }: IncomingMessage, client: Socket) => {
      tunnelled.push(url);
      const target = connect(Number(url.split(":")[1]), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        client.pipe(target).pipe(client);
      });
      client.on("error", () => target.destroy());
      target.on("error", () => client.destroy());
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    const { port } = proxy.address() as AddressInfo;
    const { lines } = await run("proxy", { HTTPS_PROXY: `http://127.0.0.1:${port}` });
    proxy.close();
    expect(lines).toEqual(["20"]);
    expect(tunnelled).toEqual([new URL(server.baseUrl).host]);
  });

  test("logging tells each attempt, the pause, and the quota", async () => {
    server.queueFault({ kind: "status", status: 503 });
    const { stderr } = await run("logging");
    const path = `/v2/businesses/${server.businessId}/chats`;
    expect(stderr).toMatch(
      new RegExp(`^POST ${path} #1: getChats: 503 SERVICE_UNAVAILABLE: Service Unavailable in \\d+ ms`),
    );
    expect(stderr).toMatch(/again in \d+ ms/);
    expect(stderr).toMatch(new RegExp(`POST ${path} #2: 200 in \\d+ ms`));
    expect(stderr).toContain("quota left: 100 %");
  });

  test("raw gives a page, and what is left of the quota", async () => {
    expect((await run("raw")).lines).toEqual(["5 9999"]);
    server.queueFault({ kind: "status", status: 404, errors: [{ code: "NOT_FOUND" }] });
    expect((await run("raw")).stderr).toBe("404 { status: 'ERROR', errors: [ { code: 'NOT_FOUND' } ] }\n");
  });

  test("unknown-status has a place for a status that it does not know", async () => {
    Object.assign(server.chats[0]!, { status: "ESCALATED" });
    const { lines } = await run("unknown-status");
    expect(lines[0]).toBe(`${server.chats[0]!.chatId} inbox`);
    expect(lines).toHaveLength(50);
    expect(new Set(lines.map((line) => line.split(" ")[1]))).toEqual(new Set(["inbox", "waiting", "archive"]));
  });

  test.each(["vitest", "node-test"])("%s passes", async (name) => {
    const runner =
      name === "vitest" ? [join(root, "node_modules/vitest/vitest.mjs"), "run", "--root", folder] : ["--import", "tsx"];
    const { stdout } = await promisify(execFile)(process.execPath, [...runner, fileOf(name)], { cwd: root });
    expect(stdout).toMatch(name === "vitest" ? /Tests .*1 passed/ : /pass 1/);
  });
});

describe("the example of a framework", () => {
  beforeEach(() => {
    Object.entries(marketEnvironment()).forEach(([name, value]) => vi.stubEnv(name, value));
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

  test("nest provides a client", async () => {
    const { marketProvider } = (await import(fileOf("nest"))) as {
      marketProvider: { useFactory: () => ChatsClient };
    };
    const page = await marketProvider.useFactory().getChats();
    expect(page.chats).toHaveLength(20);
  });

  test("express answers with the chats that wait, and in its own words when the Market does not", async () => {
    const { waiting } = (await import(fileOf("express"))) as {
      waiting: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    };
    const handled: Promise<void>[] = [];
    const shop = createServer((request, response) => void handled.push(waiting(request, response)));
    await once(shop.listen(0, "127.0.0.1"), "listening");
    const { port } = shop.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/waiting`);
    const chats = (await answer.json()) as { status: string }[];
    expect(new Set(chats.map(({ status }) => status))).toEqual(new Set(["WAITING_FOR_PARTNER"]));

    vi.spyOn(console, "error").mockReturnValue();
    server.queueFault({ kind: "status", status: 401 });
    expect((await fetch(`http://127.0.0.1:${port}/waiting`)).status).toBe(502);
    expect(console.error).toHaveBeenCalledTimes(1);

    server.queueFault({ kind: "delay", milliseconds: 60_000 });
    await fetch(`http://127.0.0.1:${port}/waiting`, { signal: AbortSignal.timeout(100) }).catch(() => undefined);
    await Promise.all(handled);
    expect(console.error).toHaveBeenCalledTimes(1);
    shop.close();
    shop.closeAllConnections();
  });

  test("serverless answers with a chat", async () => {
    const { handler } = (await import(fileOf("serverless"))) as {
      handler: (event: unknown) => Promise<{ statusCode: number; body: string }>;
    };
    const [chat] = server.chats;
    const { body } = await handler({ queryStringParameters: { chatId: String(chat?.chatId) } });
    expect(JSON.parse(body)).toEqual(chat);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
