import { describe, expect, test, vi } from "vitest";
import { createActivity } from "../src/cli/simulation.js";
import { createChatsClient } from "../src/index.js";
import { sampleChats, startMarketServer } from "../src/testing/index.js";
import { createRandom } from "../src/testing/random.js";
import { readExamples } from "./docs/markdown.js";
import { command, getLines, getVariables, run, start } from "./support/cli.js";
import { collect } from "./support/promises.js";

vi.setConfig({ testTimeout: 60_000 });

/** Starts `serve` on a free port. Resolves when it has printed its settings. */
async function serve(...args: string[]) {
  const program = start([...command, "serve", "--port", "0", ...args]);
  const { child, output } = program;
  const settings = /^YANDEX_MARKET_BASE_URL=(.+)\nYANDEX_MARKET_API_KEY=(.+)\nYANDEX_MARKET_BUSINESS_ID=(.+)\n\n/m;
  await vi.waitUntil(() => settings.test(output.stdout) || child.exitCode !== null, { timeout: 50_000 });
  const [, baseUrl = "", apiKey = "", businessId] = settings.exec(output.stdout) ?? [];
  return {
    ...program,
    baseUrl,
    apiKey,
    businessId: Number(businessId),
    /** Waits for the lines of this many requests. */
    async getRequestLines(count: number): Promise<string[]> {
      const getRequests = () => output.stdout.match(/.* ms.*(?=\n)/g) ?? [];
      await vi.waitUntil(() => getRequests().length >= count, { timeout: 50_000 });
      return getRequests();
    },
    async control(method: string, path: string): Promise<string> {
      return (await fetch(`${baseUrl}/_market${path}`, { method, headers: { "Api-Key": apiKey } })).text();
    },
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}

/** Runs an example of docs/testing.md, and returns what it prints. */
async function runExample(name: string, variables: Record<string, string>): Promise<string> {
  const program = name.startsWith("python") ? (["python3", "-c"] as const) : (["sh", "-e", "-c"] as const);
  const example = readExamples("docs/testing.md", /^/).find((each) => each.name === name);
  const { code, stdout } = await start([...program, example?.code ?? ""], variables).end();
  expect(code).toBe(0);
  return stdout.replaceAll("\r\n", "\n");
}

describe.concurrent("serve", () => {
  test("serves sample chats of the last hours, and prints one line per request without received keys", async () => {
    using server = await serve("--chats", "45", "--seed", "7", "--quota", "5");
    const market = createChatsClient(server);
    const chats = await collect(market.listChats());
    expect(chats.map(({ chatId }) => chatId)).toEqual(sampleChats(45, { seed: 7 }).map(({ chatId }) => chatId));
    expect(Date.parse(chats[44]?.createdAt ?? "")).toBeGreaterThan(Date.now() - 3_600_000);
    await market.getChat(chats[0]?.chatId ?? 0);
    const otherKey = "ACMA:AnotherKeyThatIsNotLive:00000000";
    await expect(createChatsClient({ ...server, apiKey: otherKey }).getChat(1)).rejects.toThrow("HTTP 401");
    await fetch(`${server.baseUrl}/elsewhere?key=${otherKey}`, { headers: { "Api-Key": otherKey } });
    const lines = await server.getRequestLines(6);
    expect(lines.map((line) => line.replace(/ +\d+ ms/, " N ms"))).toEqual([
      ...[4, 3, 2].map((remaining) => `200  getChats N ms  ${remaining} remaining`),
      "200  getChat N ms  4 remaining",
      "401  getChat N ms  3 remaining",
      "404  GET /elsewhere N ms",
    ]);
    expect(server.output.stdout + server.output.stderr).not.toContain(otherKey);
    expect(server.output.stdout).toMatch(/^Mock server .* with 45 chats\. Press Ctrl-C to stop\.\n\n/);
  });

  test("accepts a key and a cabinet, and limits concurrent requests", async () => {
    const apiKey = "a-key-of-this-test";
    using server = await serve("--api-key", apiKey, "--business-id", "77", "--parallel", "1", "--latency", "300");
    expect(server).toMatchObject({ apiKey, businessId: 77 });
    const client = createChatsClient({ ...server, maxRateLimitWait: 0 });
    const results = await Promise.allSettled([client.getChats(), client.getChats()]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const { code, stdout } = await run(["--json"], getVariables(server));
    expect({ code, chats: getLines(stdout).length }).toEqual({ code: 0, chats: 50 });
  });

  test("delivers every chat exactly once with --fault-rate 0.1, also after a reset", async () => {
    using server = await serve("--chats", "800", "--fault-rate", "0.1", "--seed", "3");
    const ids = (await collect(createChatsClient(server).listChats())).map(({ chatId }) => chatId);
    expect(ids).toEqual(sampleChats(800, { seed: 3 }).map(({ chatId }) => chatId));
    const countFaults = (lines: string[]) => lines.filter((line) => line.includes("fault: ")).length;
    expect(countFaults(await server.getRequestLines(40))).toBeGreaterThan(0);
    await server.control("DELETE", "");
    const url = `${server.baseUrl}/v2/businesses/123456/chat`;
    for (let count = 0; count < 60; count += 1) await fetch(url).catch(() => undefined);
    expect(countFaults((await server.getRequestLines(100)).slice(-60))).toBeGreaterThan(0);
  });

  test("applies at most two faults in a row to the same request", async () => {
    using server = await serve("--fault-rate", "1");
    const attempts: number[] = [];
    const market = createChatsClient({ ...server, onAttempt: ({ attempt }) => attempts.push(attempt) });
    await market.getChats();
    expect(attempts.at(-1)).toBe(3);
  });

  test("adds chats with --activity", async () => {
    using server = await serve("--chats", "10", "--activity", "6000");
    const market = createChatsClient(server);
    await vi.waitUntil(async () => (await market.getChats()).chats.length > 10, { timeout: 50_000 });
  });

  test.each([
    { signal: "SIGINT", code: 130 },
    { signal: "SIGTERM", code: 143 },
  ] as const)("ends immediately on $signal, even during a request", async ({ signal, code }) => {
    using server = await serve("--latency", "600000");
    const response = fetch(`${server.baseUrl}/v2/businesses/123456/chats`).catch((error: unknown) => error);
    const isReceived = async () => (await server.control("GET", "/requests")).includes("pending");
    await vi.waitUntil(isReceived, { timeout: 50_000 });
    server.child.kill(signal);
    expect((await server.end()).code).toBe(code);
    expect(await response).toBeInstanceOf(TypeError);
  });

  test("reports a port that is in use in one line", async () => {
    await using other = await startMarketServer();
    const { code, stderr } = await run(["serve", "--port", new URL(other.baseUrl).port]);
    expect(getLines(stderr)).toEqual([expect.stringMatching(/EADDRINUSE.*; choose another port with --port/)]);
    expect(code).toBe(1);
  });
});

describe.concurrent("in docs/testing.md", () => {
  test("the Python example lists all chats page by page", async () => {
    using server = await serve("--chats", "45");
    const expected = sampleChats(45).map(({ chatId, status }) => `${chatId} ${status}\n`);
    expect(await runExample("python-list", getVariables(server))).toBe(expected.join(""));
    expect(await server.getRequestLines(3)).toHaveLength(3);
  });

  test("the Python example controls the server", async () => {
    using server = await serve();
    expect(await runExample("python-control", getVariables(server))).toBe("0 requests\n");
    const market = createChatsClient({ ...server, maxRetries: 0 });
    await expect(market.getChats()).rejects.toThrow("getChats: ");
    expect((await market.getChats()).chats).toHaveLength(3);
  });

  test("the curl example controls the server", async () => {
    using server = await serve();
    const ok = '{"status":"OK"}';
    expect(await runExample("curl-control", getVariables(server))).toBe(
      `${ok}${ok}{"status":"OK","result":{"requests":[]}}${ok}`,
    );
    expect((await createChatsClient(server).getChats()).chats).toHaveLength(20);
  });
});

test("the activity adds chats, and changes and finishes existing ones, the same for the same seed", () => {
  const simulate = () => {
    const chats = sampleChats(20);
    const change = createActivity(chats, 1, createRandom(1, -2));
    for (let minute = 0; minute < 60; minute += 1) change(new Date(Date.UTC(2026, 0, 1, 0, minute)));
    return chats;
  };
  const chats = simulate();
  const added = chats.slice(20);
  const ids = chats.map(({ chatId }) => chatId);
  expect(simulate()).toEqual(chats);
  expect(added.length).toBeGreaterThan(5);
  expect(ids).toEqual(sampleChats(chats.length).map(({ chatId }) => chatId));
  const changed = chats.filter(({ updatedAt }) => updatedAt.startsWith("2026-01-01T03:"));
  expect(new Set(changed.map(({ status }) => status))).toEqual(new Set(["NEW", "WAITING_FOR_PARTNER", "FINISHED"]));
});
