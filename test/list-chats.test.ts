import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createProgress } from "../scripts/list-chats/progress.js";
import { readCabinet, readSettings } from "../scripts/list-chats/settings.js";
import { jsonLine, localTime, statusCounts, tableHeader, tableRow, timeAgo } from "../scripts/list-chats/table.js";
import { type Chat, chatStatuses } from "../src/index.js";
import { type MarketServer, sampleChats, startMarketServer } from "../src/testing/index.js";

const script = fileURLToPath(new URL("../scripts/list-chats.ts", import.meta.url));

// A start of node with tsx takes half a second, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Starts the script as a shell would, with nothing of this process's environment that could set it up. */
function start(options: string[], environment: Record<string, string>): ChildProcess {
  const { PATH = "" } = process.env;
  return spawn(process.execPath, ["--import", "tsx", script, ...options], {
    env: { PATH, TZ: "UTC", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** How it ended. What was read from stdout is there unless a test took it for itself. */
async function endOf(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  await once(child, "close");
  return { code: child.exitCode, ...output };
}

function run(options: string[], environment: Record<string, string> = {}) {
  return endOf(start(options, environment));
}

function environmentFor({ apiKey, businessId, baseUrl }: MarketServer): Record<string, string> {
  return {
    YANDEX_MARKET_API_KEY: apiKey,
    YANDEX_MARKET_BUSINESS_ID: String(businessId),
    YANDEX_MARKET_BASE_URL: baseUrl,
  };
}

/** The line that a listing from the server begins with on stderr. */
function greeting({ baseUrl }: MarketServer): string {
  return `Listing the chats of cabinet 123456 at ${baseUrl}.\n`;
}

function linesOf(text: string): string[] {
  expect(text.endsWith("\n") || text === "").toBe(true);
  return text.split("\n").slice(0, -1);
}

/** The chats that a listing with --json has written. */
function chatsIn(text: string): Chat[] {
  return linesOf(text).map((line): Chat => JSON.parse(line));
}

/** The body of a page, however wrong. */
function pageBody(chats: unknown[], nextPageToken?: string): string {
  return JSON.stringify({ status: "OK", result: { chats, ...(nextPageToken && { paging: { nextPageToken } }) } });
}

describe.concurrent("npm start", () => {
  test("lists every chat in aligned columns, and the counts by status below", async () => {
    await using server = await startMarketServer({ chats: 45 });
    const { code, stdout, stderr } = await run([], environmentFor(server));

    const [header = "", ...lines] = linesOf(stdout);
    const cell = (line: string, title: string, width: number) =>
      line.slice(header.indexOf(title), header.indexOf(title) + width).trimEnd();
    const rows = lines.slice(0, lines.indexOf(""));
    expect(
      rows.map((row) => ({
        chatId: Number(cell(row, "ID", 12)),
        type: cell(row, "TYPE", 11),
        status: cell(row, "STATUS", 22),
        context: cell(row, "CONTEXT", 20),
        updated: cell(row, "UPDATED", 18),
      })),
    ).toEqual(
      server.chats.map(({ chatId, type, status, context, updatedAt }) => ({
        chatId,
        type,
        status,
        context: [context.type, context.returnId ?? context.orderId].join(" ").trim(),
        updated: new Date(updatedAt).toISOString().slice(0, 16).replace("T", " "),
      })),
    );
    expect(rows.filter((row) => !/ ago$/.test(row) || row.length > 100)).toEqual([]);

    const counts = lines.slice(rows.length + 1).map((line) => line.trim().split("  "));
    expect(counts).toEqual([
      ...chatStatuses.map((status) => [
        String(server.chats.filter((chat) => chat.status === status).length),
        status as string,
      ]),
      ["45", "in all"],
    ]);
    expect(stderr).toBe(greeting(server));
    expect(code).toBe(0);
    expect(server.requests.map(({ query }) => query["limit"])).toEqual(["20", "20", "20"]);
    expect(server.requests[0]?.headers["x-market-integration"]).toBe("yandex-market-chats");
  });

  test("--json writes the chats as they came, one a line; a long listing says how far it is", async () => {
    await using server = await startMarketServer({ chats: 1020 });
    const { code, stdout, stderr } = await run(["--json"], environmentFor(server));
    expect(chatsIn(stdout)).toEqual(server.chats);
    expect(stderr).toBe(`${greeting(server)}1000 chats so far\n1020 chats listed.\n`);
    expect(code).toBe(0);
  });

  test("filters by status, type and context", async () => {
    await using server = await startMarketServer({ chats: 200 });
    const options = "--json --status new --status FINISHED,WAITING_FOR_MARKET --type CHAT --context ORDER,DIRECT";
    const { code, stdout } = await run(options.split(" "), environmentFor(server));
    const expected = server.chats.filter(
      ({ status, type, context }) =>
        ["NEW", "FINISHED", "WAITING_FOR_MARKET"].includes(status) && type === "CHAT" && context.type !== "RETURN",
    );
    expect(expected.length).toBeGreaterThan(20);
    expect(chatsIn(stdout)).toEqual(expected);
    expect(code).toBe(0);
  });

  test("--limit lists so many chats at most, asks for no page more, and says that it ended the listing", async () => {
    await using server = await startMarketServer({ chats: 100 });
    const { code, stdout, stderr } = await run(["--json", "--limit", "40"], environmentFor(server));
    expect(chatsIn(stdout)).toEqual(server.chats.slice(0, 40));
    expect(stderr).toBe(`${greeting(server)}40 chats listed.\n--limit 40 ended the listing: there may be more.\n`);
    expect(server.requests).toHaveLength(2);
    expect(code).toBe(0);
  });

  test("--limit in the middle of a page cuts it; below a page it is the page size", async () => {
    await using server = await startMarketServer({ chats: 30 });
    const middle = await run(["--json", "--limit", "25"], environmentFor(server));
    expect(chatsIn(middle.stdout)).toEqual(server.chats.slice(0, 25));
    expect(middle.stderr).toContain("there may be more");
    server.requests.length = 0;
    server.chats.length = 3;
    const small = await run(["--limit", "3"], environmentFor(server));
    expect(linesOf(small.stdout).at(-1)).toBe("3  in all");
    expect(small.stderr).toBe(greeting(server));
    expect(server.requests.map(({ query }) => query["limit"])).toEqual(["3"]);
  });

  test("without the variables lists sample chats from a server of its own, and says so", async () => {
    // Empty is what CI makes of a secret that is not there.
    const { code, stdout, stderr } = await run(["--json"], {
      YANDEX_MARKET_API_KEY: "",
      YANDEX_MARKET_BUSINESS_ID: "",
    });
    expect(chatsIn(stdout)).toEqual(sampleChats(50));
    expect(stderr).toBe(
      "Listing sample chats: YANDEX_MARKET_API_KEY and YANDEX_MARKET_BUSINESS_ID are not set.\n50 chats listed.\n",
    );
    expect(code).toBe(0);
  });

  test("a cabinet without chats has a table without rows", async () => {
    await using server = await startMarketServer({ chats: 0 });
    const { code, stdout } = await run([], environmentFor(server));
    expect(stdout).toBe("0  in all\n");
    expect(code).toBe(0);
  });

  test("--help goes to stdout, fits a terminal, and names every option and variable", async () => {
    const { code, stdout, stderr } = await run(["--help"], { YANDEX_MARKET_API_KEY: "alone, but not looked at" });
    for (const name of ["--status", "--type", "--context", "--limit", "--page-token", "--json", "-h, --help"]) {
      expect(stdout).toContain(`  ${name}`);
    }
    for (const word of [...chatStatuses, "_API_KEY", "_BUSINESS_ID", "_BASE_URL", "api.partner.market.yandex.net"]) {
      expect(stdout).toContain(word);
    }
    expect(linesOf(stdout).filter((line) => line.length > 100)).toEqual([]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });
});

describe.concurrent("npm start, when something is wrong, exits with 1 after one clear line", () => {
  test("a wrong key", async () => {
    await using server = await startMarketServer();
    const YANDEX_MARKET_API_KEY = "ACMA:NotTheKeyOfThisServer";
    const { code, stdout, stderr } = await run([], { ...environmentFor(server), YANDEX_MARKET_API_KEY });
    expect(stdout).toBe("");
    expect(stderr).toBe(
      `${greeting(server)}list-chats: getChats: 401 UNAUTHORIZED: Api-Key token is invalid; check that ` +
        "YANDEX_MARKET_API_KEY is a key of this cabinet and has one of the scopes communication, all-methods and " +
        "all-methods:read-only\n",
    );
    expect(code).toBe(1);
  });

  test("a cabinet that the key is not for", async () => {
    await using server = await startMarketServer();
    const { code, stdout, stderr } = await run([], { ...environmentFor(server), YANDEX_MARKET_BUSINESS_ID: "7" });
    expect(stdout).toBe("");
    expect(linesOf(stderr).at(-1)).toMatch(/^list-chats: getChats: 403 FORBIDDEN: Access denied; check that YANDEX_/);
    expect(linesOf(stderr)).toHaveLength(2);
    expect(code).toBe(1);
  });

  test("no network", async () => {
    const server = await startMarketServer();
    await server.close();
    const { code, stdout, stderr } = await run([], environmentFor(server));
    expect(stdout).toBe("");
    expect(stderr).toBe(
      `${greeting(server)}list-chats: getChats: no whole answer from the Market: fetch failed: connect ECONNREFUSED ` +
        `${new URL(server.baseUrl).host} (after 3 attempts)\n`,
    );
    expect(code).toBe(1);
  });

  test.each([
    { options: ["--status", "NEWISH"], line: /^list-chats: --status must be one of NEW, .*, FINISHED, not "NEWISH"$/ },
    // parseArgs has three lines to say about this.
    { options: ["--limit", "-5"], line: /^list-chats: Option '--limit' argument is ambiguous\. .*'--limit=-XYZ'\.$/ },
    {
      options: [],
      key: "with a space",
      line: /^list-chats: YANDEX_MARKET_API_KEY must be the token from the cabinet:/,
    },
    {
      options: [],
      baseUrl: "http://market.test",
      line: /^list-chats: YANDEX_MARKET_BASE_URL must be https, or http on/,
    },
  ])("a wrong setting: $line", async ({ options, key = "ACMA:SomeKey", baseUrl = "https://127.0.0.1:9", line }) => {
    const { code, stdout, stderr } = await run(options, {
      YANDEX_MARKET_API_KEY: key,
      YANDEX_MARKET_BUSINESS_ID: "1",
      YANDEX_MARKET_BASE_URL: baseUrl,
    });
    expect(linesOf(stderr)).toEqual([expect.stringMatching(line)]);
    expect(stderr).not.toContain(key);
    expect(stdout).toBe("");
    expect(code).toBe(1);
  });

  test("an error in the middle: what was listed stays, and the line says how to list the rest", async () => {
    await using server = await startMarketServer({ chats: 70 });
    const errors = [{ code: "LOCKED", message: "Cabinet is\nin migration\u001b[31m" }];
    server.queueFault({ kind: "status", status: 423, errors }, { when: () => server.requests.length === 3 });
    const first = await run(["--json"], environmentFor(server));
    expect(chatsIn(first.stdout)).toEqual(server.chats.slice(0, 40));
    expect(first.code).toBe(1);
    const [, line = ""] = linesOf(first.stderr);
    const [start, token] = line.split(" --page-token=");
    expect(start).toBe(
      "list-chats: getChats: 423 LOCKED: Cabinet is in migration [31m; 40 chats listed so far; to go on, add",
    );

    const second = await run(["--json", `--page-token=${token?.slice(1, -1)}`], environmentFor(server));
    expect(chatsIn(second.stdout)).toEqual(server.chats.slice(40));
    expect(second.code).toBe(0);
  });

  test.each([
    { token: "-it's $HOME `id`", ending: /add (--page-token='.*')$/ },
    { token: "clears the screen \u001b[2J", ending: /; 1 chat listed so far$/ },
  ])("a page token survives the shell, or is not shown: $token", async ({ token, ending }) => {
    await using server = await startMarketServer();
    // The second request then gets 400 from the server, which has given no such token.
    server.queueFault({ kind: "body", body: pageBody(sampleChats(1), token) });
    const { code, stderr } = await run([], environmentFor(server));
    const line = linesOf(stderr).at(-1) ?? "";
    expect(line).toMatch(/^list-chats: getChats: 400 BAD_REQUEST: Bad page token; 1 chat listed so far/);
    expect(line).toMatch(ending);
    const [, option] = ending.exec(line) ?? [];
    if (option !== undefined) {
      expect(execFileSync("sh", ["-c", `printf %s ${option}`], { encoding: "utf8" })).toBe(`--page-token=${token}`);
    }
    expect(code).toBe(1);
  });
});

describe.concurrent("npm start, when somebody or something else ends it", () => {
  test("a reader that has seen enough, like head: quietly, with no request more", async () => {
    await using server = await startMarketServer({ chats: 1000, latency: 50 });
    const child = start([], environmentFor(server));
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { code, stderr } = await endOf(child);
    expect(stderr).toBe(greeting(server));
    expect(code).toBe(0);
    // The request that was under way when the reader left, and perhaps one more on a busy machine. It would be 50.
    expect(server.requests.length).toBeLessThan(5);
  });

  test("Ctrl-C: at once, even in the middle of a request, with the number of chats and code 130", async () => {
    await using server = await startMarketServer({ chats: 100 });
    const isSecond = () => server.requests.length === 2;
    server.queueFault({ kind: "delay", milliseconds: 600_000 }, { when: isSecond });
    const child = start(["--json"], environmentFor(server));
    const ended = endOf(child);
    await vi.waitUntil(isSecond, { timeout: 50_000 });
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(chatsIn(stdout)).toEqual(server.chats.slice(0, 20));
    expect(stderr).toBe(`${greeting(server)}Stopped: 20 chats listed.\n`);
    expect(code).toBe(130);
  });

  test("an answer with values and gaps that no document knows is listed all the same", async () => {
    await using server = await startMarketServer();
    const strange = [
      { chatId: 1, context: { type: "REVIEW" }, status: "\u001b[2JSNOOZED\n", type: "GROUP", updatedAt: "soon" },
      { chatId: 2, status: {}, updatedAt: null },
      {},
    ];
    server.queueFault({ kind: "body", body: pageBody(strange) });
    const { code, stdout, stderr } = await run([], environmentFor(server));
    expect(linesOf(stdout)).toEqual([
      tableHeader,
      "1           GROUP      [2JSNOOZED            REVIEW              soon              -",
      "2           -          -                     -                   -                 -",
      "-           -          -                     -                   -                 -",
      "",
      "1  [2JSNOOZED",
      "2  -",
      "3  in all",
    ]);
    expect(stderr).toBe(greeting(server));
    expect(code).toBe(0);
  });
});

describe("the command line", () => {
  test.each([
    { options: [], expected: { filter: {}, limit: Infinity, pageToken: undefined, json: false, help: false } },
    { options: ["--status", "NEW", "--status=FINISHED"], expected: { filter: { statuses: ["NEW", "FINISHED"] } } },
    { options: ["--status", "new, finished,NEW"], expected: { filter: { statuses: ["NEW", "FINISHED"] } } },
    {
      options: ["--type", "ARBITRAGE", "--context", "DIRECT"],
      expected: { filter: { types: ["ARBITRAGE"], contextTypes: ["DIRECT"] } },
    },
    { options: ["--limit", "1"], expected: { limit: 1 } },
    { options: ["--limit", "100000"], expected: { limit: 100_000 } },
    { options: ["--page-token=-a=="], expected: { pageToken: "-a==" } },
    { options: ["-h"], expected: { help: true } },
  ])("$options", ({ options, expected }) => {
    expect(readSettings(options)).toMatchObject(expected);
  });

  test.each([
    { options: ["--type", "DISPUTE"], message: '--type must be one of CHAT, ARBITRAGE, not "DISPUTE"' },
    { options: ["--context", ""], message: '--context must be one of ORDER, RETURN, DIRECT, not ""' },
    { options: ["--context", "ORDER,"], message: '--context must be one of ORDER, RETURN, DIRECT, not ""' },
    { options: ["--limit", "0"], message: '--limit must be a whole number from 1, not "0"' },
    { options: ["--limit", "1.5"], message: '--limit must be a whole number from 1, not "1.5"' },
    { options: ["--limit", "ten"], message: '--limit must be a whole number from 1, not "ten"' },
    { options: ["--limit="], message: '--limit must be a whole number from 1, not ""' },
    { options: ["--limit", "9007199254740993"], message: "--limit must be a whole number" },
    { options: ["--limit"], message: "Option '--limit <value>' argument missing" },
    { options: ["--colour"], message: "Unknown option '--colour'" },
    { options: ["NEW"], message: "Unexpected argument 'NEW'" },
  ])("$options is refused", ({ options, message }) => {
    expect(() => readSettings(options)).toThrow(message);
  });
});

describe("the environment", () => {
  const YANDEX_MARKET_API_KEY = "ACMA:SomeKey";
  const YANDEX_MARKET_BUSINESS_ID = "123456";
  const YANDEX_MARKET_BASE_URL = "https://api.partner.market.yandex.net";

  test("names a cabinet, or none", () => {
    expect(readCabinet({ YANDEX_MARKET_API_KEY, YANDEX_MARKET_BUSINESS_ID })).toEqual({
      apiKey: YANDEX_MARKET_API_KEY,
      businessId: 123456,
      baseUrl: undefined,
    });
    expect(readCabinet({ YANDEX_MARKET_API_KEY, YANDEX_MARKET_BUSINESS_ID, YANDEX_MARKET_BASE_URL })).toMatchObject({
      baseUrl: YANDEX_MARKET_BASE_URL,
    });
    expect(readCabinet({ YANDEX_MARKET_API_KEY: "" })).toBeUndefined();
  });

  test.each([
    { environment: { YANDEX_MARKET_API_KEY }, missing: "YANDEX_MARKET_BUSINESS_ID" },
    { environment: { YANDEX_MARKET_API_KEY, YANDEX_MARKET_BUSINESS_ID: "" }, missing: "YANDEX_MARKET_BUSINESS_ID" },
    { environment: { YANDEX_MARKET_BUSINESS_ID }, missing: "YANDEX_MARKET_API_KEY" },
    { environment: { YANDEX_MARKET_BASE_URL }, missing: "YANDEX_MARKET_API_KEY and YANDEX_MARKET_BUSINESS_ID" },
  ])("with only $environment it is not taken for none", ({ environment, missing }) => {
    expect(() => readCabinet(environment)).toThrow(
      new Error(`${missing} must be set too; without any variable, sample chats are listed`),
    );
  });

  test.each(["shop", "0", "-5", "12.5", "1e3", "0x10", " 5", "9007199254740993"])("%j is no ID", (id) => {
    expect(() => readCabinet({ YANDEX_MARKET_API_KEY, YANDEX_MARKET_BUSINESS_ID: id })).toThrow(
      new Error("YANDEX_MARKET_BUSINESS_ID must be the cabinet's ID, a whole number from 1"),
    );
  });
});

describe("the table", () => {
  const now = Date.parse("2025-09-17T12:00:00Z");

  test.each([
    ["2025-09-17T15:00:00+03:00", "just now"],
    ["2025-09-17T11:59:01Z", "just now"],
    ["2025-09-17T12:00:59Z", "just now"],
    ["2025-09-17T12:05:00Z", "in 5 minutes"],
    ["2025-09-17T11:59:00Z", "1 minute ago"],
    ["2025-09-17T11:00:01Z", "59 minutes ago"],
    ["2025-09-17T11:00:00Z", "1 hour ago"],
    ["2025-09-16T12:00:01Z", "23 hours ago"],
    ["2025-09-15T12:00:00Z", "2 days ago"],
    ["2025-08-18T12:00:00Z", "30 days ago"],
    ["2025-08-17T00:00:00Z", "1 month ago"],
    ["2024-09-18T00:00:00Z", "11 months ago"],
    ["2024-09-17T00:00:00Z", "1 year ago"],
    ["2017-11-21T00:00:00+03:00", "7 years ago"],
    ["yesterday", "-"],
  ])("%s was %s", (text, ago) => {
    expect(timeAgo(text, now)).toBe(ago);
  });

  test.each([
    ["UTC", "2025-12-31T23:30:00+03:00", "2025-12-31 20:30"],
    ["Asia/Tashkent", "2025-12-31T23:30:00+03:00", "2026-01-01 01:30"],
    ["America/New_York", "2025-07-01T00:00:00Z", "2025-06-30 20:00"],
    ["UTC", "soon", "soon"],
    // The last moment that a date can hold. Tashkent's clocks would be five hours past it.
    ["Asia/Tashkent", "+275760-09-13T00:00:00Z", "+275760-09-13T00:00:00Z"],
  ])("in %s, %s is %s", (zone, text, expected) => {
    vi.stubEnv("TZ", zone);
    expect(localTime(text)).toBe(expected);
  });

  test("a row shows what a person looks for; what is wider than its column is shown whole", () => {
    vi.stubEnv("TZ", "UTC");
    const chat: Chat = {
      chatId: 4200006,
      context: { type: "RETURN", orderId: 57000000547, returnId: 71000086 },
      createdAt: "2025-09-01T00:00:00Z",
      status: "WAITING_FOR_CUSTOMER",
      type: "ARBITRAGE",
      updatedAt: "2025-09-17T11:57:00Z",
    };
    expect([tableHeader, tableRow(chat, now)]).toEqual([
      "ID          TYPE       STATUS                CONTEXT             UPDATED           AGO",
      "4200006     ARBITRAGE  WAITING_FOR_CUSTOMER  RETURN 71000086     2025-09-17 11:57  3 minutes ago",
    ]);
    const wide: Chat = { ...chat, chatId: 2 ** 53 - 1, context: { type: "ORDER", orderId: 2 ** 53 - 1 } };
    expect(tableRow(wide, now)).toBe(
      "9007199254740991  ARBITRAGE  WAITING_FOR_CUSTOMER  ORDER 9007199254740991  2025-09-17 11:57  3 minutes ago",
    );
  });

  test("counts stand in the documented order, those of unknown statuses after them", () => {
    const counts = new Map([
      ["SNOOZED", 3],
      ["FINISHED", 95],
      ["NEW", 2],
    ]);
    expect(statusCounts(counts)).toEqual(["  2  NEW", " 95  FINISHED", "  3  SNOOZED", "100  in all"]);
  });

  test("a JSON line has nothing that a terminal obeys or a program takes for a line's end", () => {
    const name = "\u001b[2J \u009b2J \u0085 \u2028 \u202e \u007f Ольга Я. 👍";
    const [chat] = sampleChats(1);
    expect(chat).toBeDefined();
    const line = jsonLine({ ...chat!, context: { type: "DIRECT", customer: { name } } });
    expect(line).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u);
    expect(line).toContain("Ольга Я. 👍");
    expect(JSON.parse(line)).toMatchObject({ context: { customer: { name } } });
  });
});

describe("progress", () => {
  test("on a terminal is one line that goes away before anything else is written", () => {
    const written: string[] = [];
    const progress = createProgress({ isTTY: true, columns: 20, write: (text) => written.push(text) });
    progress.clear();
    progress.update(20);
    progress.mention("a text that would not fit the terminal");
    progress.clear();
    progress.clear();
    expect(written).toEqual(["20 chats so far", "\r\u001b[K", "a text that would n", "\r\u001b[K"]);
  });

  test("on a terminal that does not know its width takes 80 columns for granted", () => {
    const written: string[] = [];
    createProgress({ isTTY: true, columns: 0, write: (text) => written.push(text) }).mention("x".repeat(200));
    expect(written).toEqual(["x".repeat(79)]);
  });

  test("elsewhere is a line that stays, every thousand chats", () => {
    const written: string[] = [];
    const progress = createProgress({ isTTY: false, write: (text) => written.push(text) });
    for (let listed = 13; listed < 3000; listed += 13) {
      progress.update(listed);
    }
    progress.mention("not worth a line that stays");
    progress.clear();
    expect(written).toEqual(["1001 chats so far\n", "2002 chats so far\n"]);
  });
});
