import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { createCsv, toJsonLine } from "../src/cli/format.js";
import { logToStderr, showProgress } from "../src/cli/output.js";
import { createTable, describeChat, formatLocalTime, formatTimeAgo } from "../src/cli/table.js";
import { type Chat, chatContextTypes, chatStatuses, chatTypes } from "../src/index.js";
import { type MarketServer, sampleChats, startMarketServer } from "../src/testing/index.js";
import { createChat } from "./support/fetch.js";
import { command, getLines, getVariables, run, runAfter, start } from "./support/cli.js";

// Each process needs half a second to start, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const someKey = "ACMA:SomeKeyThatIsNotLive:00000000";

/** The first line that a listing of the server writes to stderr. */
const greeting = ({ baseUrl }: MarketServer) => `Listing chats of cabinet 123456 at ${baseUrl}.\n`;

const parseNdjson = (text: string) => getLines(text).map((line): Chat => JSON.parse(line));

/** Returns the columns of each line. */
const getCells = (text: string) => getLines(text).map((line) => line.trim().split(/ {2,}/));

/** The body of a page, in any form. */
const pageBody = (chats: unknown[], nextPageToken?: string) =>
  JSON.stringify({ status: "OK", result: { chats, paging: { nextPageToken } } });

describe.concurrent("list", () => {
  test("prints every chat in aligned columns, and the number of chats by status", async () => {
    await using server = await startMarketServer({ chats: 45 });
    const { code, stdout, stderr } = await run([], getVariables(server));
    const count = (name: string) => server.chats.filter(({ status }) => status === name).length;
    expect(getCells(stdout)).toEqual([
      ["ID", "STATUS", "TYPE", "CONTEXT", "UPDATED", "LOCAL TIME", "CUSTOMER"],
      ...server.chats.map(({ chatId, type, status, context, updatedAt }) => [
        String(chatId),
        status,
        type,
        [context.type, context.returnId ?? context.orderId].join(" ").trim(),
        expect.stringMatching(/^\d+\w+ ago$/),
        new Date(updatedAt).toISOString().slice(0, 16).replace("T", " "),
        context.customer?.name ?? "-",
      ]),
      [""],
      ...chatStatuses.map((name) => [String(count(name)), name]),
      ["45", "total"],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: greeting(server) });
    expect(server.requests[0]?.headers["x-market-integration"]).toBe("yandex-market-chats");
  });

  const isListed = ({ status, type, context }: Chat) =>
    ["NEW", "FINISHED", "WAITING_FOR_MARKET"].includes(status) && type === "CHAT" && context.type !== "RETURN";
  const sortByTime = (chats: Chat[]) => chats.toSorted((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt));
  const filters = "--status new --status FINISHED,WAITING_FOR_MARKET --type \tCHAT --context ORDER,DIRECT,ORDER";
  const more = (limit: number) =>
    `${limit} chats listed.\nThe listing ended at --limit ${limit}; there may be more chats.\n`;
  test.each<[options: string, expected: (chats: Chat[]) => Chat[], pages: number, end: string]>([
    ["", (chats) => chats, 51, "1000 chats so far\n1020 chats listed.\n"],
    [filters, (chats) => chats.filter(isListed), 19, "365 chats listed.\n"],
    ["--limit 20", (chats) => chats.slice(0, 20), 1, more(20)],
    ["--limit 30 --sort updated", (chats) => sortByTime(chats).slice(0, 30), 51, `1000 chats so far\n${more(30)}`],
  ])("list --json %s prints the chats as the API returns them, one per line", async (options, expected, pages, end) => {
    await using server = await startMarketServer({ chats: 1020 });
    const args = ["list", "--json", ...options.split(" ").filter(Boolean)];
    const { code, stdout, stderr } = await run(args, getVariables(server));
    const chats = expected(server.chats);
    expect(parseNdjson(stdout)).toEqual(chats);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `${greeting(server)}${end}` });
    expect(server.requests).toHaveLength(pages);
  });

  const delimiters = Object.entries({ ",": ",", ";": ";", tab: "\t", "\\t": "\t" });
  test.each(delimiters)("--csv --delimiter %s prints a header and one record per chat", async (option, delimiter) => {
    const customer = { name: "Ольга Я.", publicId: "id-7" };
    const context = { type: "RETURN", orderId: 100_000_000_000, returnId: 8, campaignId: 21, customer } as const;
    await using server = await startMarketServer({ chats: [{ ...createChat(1), context }] });
    const { code, stdout, stderr } = await run(["--delimiter", option], getVariables(server));
    const names =
      "chatId,type,status,contextType,orderId,returnId,campaignId,customerName,customerPublicId,createdAt,updatedAt";
    const values = '1,CHAT,NEW,RETURN,"\t100000000000",8,21,Ольга Я.,id-7';
    const { createdAt, updatedAt } = createChat(1);
    const text = `${names}\r\n${values},${createdAt},${updatedAt}\r\n`;
    expect(stdout).toBe(`\ufeff${text.replaceAll(",", delimiter)}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `${greeting(server)}1 chat listed.\n` });
  });

  test("--limit is also the page size, and is not mentioned if there are no more chats", async () => {
    await using server = await startMarketServer({ chats: 3 });
    const { stdout, stderr } = await run(["--limit", "3"], getVariables(server));
    expect([getLines(stdout).at(-1), stderr]).toEqual(["3  total", greeting(server)]);
    expect(server.requests[0]?.query["limit"]).toBe("3");
  });

  test("lists sample chats of the last hours if no variable is set, and says so", async () => {
    const variables = { YANDEX_MARKET_API_KEY: "", YANDEX_MARKET_BUSINESS_ID: "" };
    const { code, stdout, stderr } = await run(["--json"], variables);
    const chats = parseNdjson(stdout);
    expect(chats.map(({ chatId }) => chatId)).toEqual(sampleChats(50).map(({ chatId }) => chatId));
    const oldest = Math.min(...chats.map(({ updatedAt }) => Date.parse(updatedAt)));
    expect(oldest).toBeGreaterThan(Date.now() - 24 * 3_600_000);
    expect(stderr).toBe("Listing sample chats: YANDEX_MARKET_API_KEY is not set.\n50 chats listed.\n");
    expect(code).toBe(0);
  });

  test("prints no row for an empty cabinet", async () => {
    await using server = await startMarketServer({ chats: 0 });
    const variables = getVariables(server);
    expect(await run([], variables)).toMatchObject({ code: 0, stdout: "0  total\n" });
    expect(await run(["--csv", "--sort=updated"], variables)).toMatchObject({ code: 0, stdout: createCsv(",").header });
  });

  test("prints undocumented values and missing fields without control characters", async () => {
    await using server = await startMarketServer();
    const chats = [
      { chatId: 1, context: { type: "REVIEW" }, status: "\u001b[2JSNOOZED\n", type: "GROUP_CHAT", updatedAt: "soon" },
      { chatId: 2, status: {}, updatedAt: null, context: null },
      { chatId: 3, context: { type: "ORDER" }, orderId: 300 },
      {},
    ];
    server.queueFault({ kind: "body", body: pageBody(chats) });
    const { code, stdout } = await run([], getVariables(server));
    expect(getCells(stdout)).toEqual([
      ["ID", "STATUS", "TYPE", "CONTEXT", "UPDATED", "LOCAL TIME", "CUSTOMER"],
      ["1", "[2JSNOOZED", "GROUP_CHAT", "REVIEW", "-", "soon", "-"],
      ["2", "-", "-", "-", "-", "-", "-"],
      ["3", "-", "-", "ORDER 300", "-", "-", "-"],
      ["-", "-", "-", "-", "-", "-", "-"],
      [""],
      ["1", "[2JSNOOZED"],
      ["3", "-"],
      ["4", "total"],
    ]);
    expect(code).toBe(0);
  });
});

describe("on a terminal", () => {
  // The first letter of the last name consists of two characters.
  const names = ["Екатерина Ю.", "山田太郎さんは長い名前", "👍👍 Long name", "\u001b[31mred\u0007\u202e", "И\u0306орг"];
  const chats = sampleChats(50).map(({ context, ...chat }, index): Chat => {
    return { ...chat, context: { ...context, customer: { name: names[index % 5] ?? "" } } };
  });

  /** The columns of a line, as the terminal of Python's wcwidth rules would count them. */
  function getColumns(line: string): number {
    const wide = line.normalize("NFC").match(/[\u3000-\u9fff]|👍/gu) ?? [];
    return [...line.normalize("NFC")].length + wide.length;
  }

  const countTitles = (header: string) => header.split(/ {2,}/).length;

  test.each([
    [110, "ID         STATUS                TYPE       CONTEXT            UPDATED   LOCAL TIME        CUSTOMER\n"],
    [80, "ID        STATUS               TYPE      CONTEXT           UPDATED  CUSTOMER\n"],
    [60, "ID        STATUS               TYPE      UPDATED  CUSTOMER\n"],
  ])("the table fits %i columns, and hides one of them in a narrower terminal", (columns, titles) => {
    const { header, format } = createTable(columns);
    const rows = chats.map(format);
    expect(header).toBe(titles);
    expect(countTitles(createTable(columns - 1).header)).toBeLessThan(countTitles(titles));
    expect(rows.filter((row) => getColumns(row.trimEnd()) > columns || /[^\P{Cc}\n]/u.test(row))).toEqual([]);
    expect(rows.some((row) => row.endsWith("…\n"))).toBe(true);
    // The names start in the same column of the terminal.
    const position = getColumns(header.slice(0, header.indexOf("CUSTOMER")));
    const starts = ["Екате", "山田", "👍", "[31mr", names[4]];
    expect(rows.map((row, index) => row.slice(position).startsWith(starts[index % 5] ?? ""))).not.toContain(false);
  });

  test("list fits the width, and colors the status by who has to act unless NO_COLOR is set", async () => {
    await using server = await startMarketServer({ chats: 6 });
    const terminal = "Object.assign(process.stdout, { isTTY: true, columns: 60, hasColors: () => true })";
    const { code, stdout } = await runAfter(terminal, getVariables(server));
    expect(code).toBe(0);
    expect(stdout).toMatch(/ID +STATUS +TYPE +UPDATED +CUSTOMER/);
    const colors = chatStatuses.map((status) => new RegExp(`\\u001b\\[(\\d+)m${status}\\u001b`).exec(stdout)?.[1]);
    expect(colors).toEqual(["33", "36", "33", "35", "35", "90"]);
    const { stdout: plain } = await runAfter(terminal, { ...getVariables(server), NO_COLOR: "1" });
    expect(plain).not.toMatch(/\u001b\[\d+m/);
  });
});

describe.concurrent("get", () => {
  test("prints one chat", async () => {
    const customer = { name: "Ольга\u001b[2J Я." };
    const context: Chat["context"] = { type: "RETURN", orderId: 7, returnId: 8, campaignId: 9, customer };
    const chat = { ...createChat(42), context };
    await using server = await startMarketServer({ chats: [chat] });
    const { code, stdout, stderr } = await run(["get", "42"], getVariables(server));
    expect(getCells(stdout)).toEqual([
      ["Chat 42"],
      [""],
      ["Status", "NEW"],
      ["Type", "CHAT"],
      ["Context", "RETURN 8"],
      ["Order", "7"],
      ["Store", "9"],
      ["Customer", "Ольга [2J Я."],
      ["Customer ID", "-"],
      ["Created", expect.stringMatching(/^2025-09-17 07:00, \d+\w+ ago$/)],
      ["Updated", expect.stringMatching(/^2025-09-17 08:00, \d+\w+ ago$/)],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(parseNdjson((await run(["get", "42", "--json"], getVariables(server))).stdout)).toEqual([chat]);
  });

  test("prints the order also if the API sends it only in the deprecated field, and - for missing fields", () => {
    const chat: Chat = { ...createChat(42), context: { type: "ORDER" }, orderId: 300 };
    expect(describeChat(chat)).toMatch(/^Context +ORDER 300\nOrder +300$/m);
    expect(createCsv(",").format(chat)).toContain(",ORDER,300,");
    const missing = getCells(describeChat({ chatId: 1 })).slice(2);
    expect(new Set(missing.map(([, value]) => value))).toEqual(new Set(["-", "-, -"]));
  });

  test("prints one line to stderr and exits with 1 if the chat does not exist", async () => {
    await using server = await startMarketServer();
    const message = "yandex-market-chats: getChat: HTTP 404: NOT_FOUND: Chat not found: '5'";
    expect(await run(["get", "5"], getVariables(server))).toEqual({ code: 1, stdout: "", stderr: `${message}\n` });
    const stderr = `Reading sample chats: YANDEX_MARKET_API_KEY is not set.\n${message}\n`;
    expect(await run(["get", "5"])).toEqual({ code: 1, stdout: "", stderr });
  });
});

const listOptions = "--status --type --context --limit --page-token --sort --json --csv --delimiter --allow-http";
const serveOptions =
  "--port --host --chats --latency --quota --parallel --fault-rate --seed --activity --api-key --business-id";
test.concurrent.each([
  ["--help", "list", "get [options] <chatId>", "serve", "--version", "YANDEX_MARKET_API_KEY"],
  ["list --help", ...listOptions.split(" "), ...chatStatuses, ...chatTypes, ...chatContextTypes],
  ["get --help", "--json", "--allow-http", "YANDEX_MARKET_BUSINESS_ID"],
  ["serve -h", ...serveOptions.split(" ")],
])("%s fits 80 columns and describes every option", async (args, ...options) => {
  const { code, stdout, stderr } = await run(args.split(" "), { YANDEX_MARKET_API_KEY: "not validated" });
  const isDescribed = (text: string) =>
    text.startsWith("-") ? new RegExp(`${text}( <\\w+>)? {2,}\\S`).test(stdout) : stdout.includes(text);
  expect([...options, "-h, --help"].filter((text) => !isDescribed(text))).toEqual([]);
  expect(getLines(stdout).filter((line) => line.length > 80)).toEqual([]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test.concurrent("--version prints the version of the package", async () => {
  const { version }: { version: string } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(await run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

describe.concurrent("an error is one line on stderr", () => {
  test.each<[args: string[], variables: Record<string, string>, message: string | RegExp, name: string]>([
    [["export"], {}, "unknown command 'export'", ""],
    [["help"], {}, "unknown command 'help'", ""],
    [["--limt", "5"], {}, "unknown option '--limt' (Did you mean --limit?)", "list"],
    [["list", "--limit", "-5"], {}, '--limit must be an integer of at least 1, not "-5"', "list"],
    [["list", "--json", "--csv"], {}, "option '--csv' cannot be used with option '--json'", "list"],
    [["--status", "OPEN"], {}, /^--status must be one of NEW, .*, not "OPEN"$/, "list"],
    [["--type", "OPEN"], {}, '--type must be one of CHAT, ARBITRAGE, not "OPEN"', "list"],
    [["--context", "OPEN"], {}, '--context must be one of ORDER, RETURN, DIRECT, not "OPEN"', "list"],
    [["--sort", "created"], {}, /^option '--sort <order>' argument 'created' is invalid\. Allowed /, "list"],
    [["--page-token="], {}, "--page-token must not be empty; omit it for the first page", "list"],
    [["--delimiter", "|"], {}, '--delimiter must be a comma, a semicolon or tab, not "|"', "list"],
    [["get"], {}, "missing required argument 'chatId'", "get"],
    [["get", "4", "5"], {}, /^too many arguments for 'get'/, "get"],
    [["get", someKey], { API_KEY: "another" }, /^the ID of the chat must be .*, not "\[Api-Key\]"$/, "get"],
    [["get", "a-key-of-8"], { API_KEY: "a-key-of-8" }, /, not "\[Api-Key\]"$/, "get"],
    [["serve", "--port", "65536"], {}, '--port must be an integer from 0 to 65535, not "65536"', "serve"],
    [["serve", "--latency", "2147483648"], {}, /^--latency must be an integer from 0 to 2147483647, not /, "serve"],
    [["serve", "--fault-rate", "10%"], {}, '--fault-rate must be a number from 0 to 1, not "10%"', "serve"],
    [["serve", "--business-id", "1e3"], {}, "--business-id must be a positive integer, the ID of the cabinet", "serve"],
    [["serve", "--api-key", "a b"], {}, /^--api-key must be visible ASCII characters .*, not this string$/, "serve"],
    [[], { API_KEY: "a space" }, /^YANDEX_MARKET_API_KEY must be /, "list"],
    [[], { BASE_URL: "http://a.test" }, /^YANDEX_MARKET_BASE_URL must be .*--allow-http permits/, "list"],
    [[], { BUSINESS_ID: "" }, /^YANDEX_MARKET_BUSINESS_ID must be set too; sample chats /, "list"],
    [
      [],
      { API_KEY: "", BUSINESS_ID: "", BASE_URL: "http://localhost:9" },
      /^YANDEX_MARKET_API_KEY and .* too; /,
      "list",
    ],
  ])("that mentions --help, with exit code 2: %j with %j", async (args, variables, message, name) => {
    const all = Object.entries({ API_KEY: someKey, BUSINESS_ID: "1", BASE_URL: "", ...variables });
    const prefixed = Object.fromEntries(all.map(([name, value]) => [`YANDEX_MARKET_${name}`, value]));
    const { code, stdout, stderr } = await run(args, prefixed);
    const [, text, help] = /^yandex-market-chats: (.*); see (.*)\n$/.exec(stderr) ?? [];
    const command = name && `yandex-market-chats ${name} `;
    expect(text).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
    expect({ code, stdout, help }).toEqual({ code: 2, stdout: "", help: `${command}--help` });
    expect(stderr).not.toContain(prefixed["YANDEX_MARKET_API_KEY"] || someKey);
  });

  test("with the cause if there is no connection, after one line for each retry", async () => {
    const server = await startMarketServer();
    await server.close();
    const { code, stderr } = await run([], getVariables(server));
    const lines = stderr.replaceAll(/getChats: .*connect ECONNREFUSED 127\.0\.0\.1:\d+/g, "CAUSE");
    expect(getLines(lines)).toEqual([
      greeting(server).trimEnd(),
      expect.stringMatching(/^CAUSE; next attempt in 0\.[2-5] s$/),
      expect.stringMatching(/^CAUSE \(after 2 attempts\); next attempt in (0\.[5-9]|1\.0) s$/),
      "yandex-market-chats: CAUSE (after 3 attempts)",
    ]);
    expect(code).toBe(1);
  });

  test.each([
    { limit: [], rest: [], total: 70, advice: "" },
    { limit: ["--limit=45"], rest: ["--limit=5"], total: 45, advice: "set --limit=5 and " },
  ])("with how to resume if pages have been listed: $limit", async ({ limit, rest, total, advice }) => {
    await using server = await startMarketServer({ chats: 70 });
    const errors = [{ code: "LOCKED", message: "Cabinet\nmoves\u001b[31m" }];
    server.queueFault({ kind: "status", status: 423, errors }, { when: () => server.requests.length === 3 });
    const first = await run(["--json", ...limit], getVariables(server));
    const [, line = ""] = getLines(first.stderr);
    const [message, pageToken = ""] = line.split(/(?=--page-token=)/);
    expect(message).toMatch(`: HTTP 423: LOCKED: Cabinet moves [31m; 40 chats listed so far; to resume, ${advice}add `);
    expect(first.code).toBe(1);
    const second = await run(["--json", ...rest, pageToken], getVariables(server));
    expect(parseNdjson(first.stdout + second.stdout)).toEqual(server.chats.slice(0, total));
    expect(second.code).toBe(0);
  });

  test.each([
    ["-it's $HOME `id`", "; to resume, add --page-token='-it'\\''s $HOME `id`'"],
    ["clears the screen \u001b[2J", ""],
  ])("with a page token that a shell reads unchanged, or without one: %j", async (token, advice) => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "body", body: pageBody(sampleChats(1), token) });
    server.queueFault({ kind: "status", status: 423 });
    const { stderr } = await run([], getVariables(server));
    expect(stderr.split("; 1 chat listed so far")[1]).toBe(`${advice}\n`);
  });

  test("without how to resume if nothing has been printed, as with --sort", async () => {
    await using server = await startMarketServer({ chats: 70 });
    server.queueFault({ kind: "status", status: 423 }, { when: () => server.requests.length === 3 });
    const { stderr } = await run(["--sort=updated"], getVariables(server));
    expect(getLines(stderr).at(-1)).toBe("yandex-market-chats: getChats: HTTP 423: LOCKED: Locked");
  });

  test("with the advice to start over if the page token has expired", async () => {
    await using server = await startMarketServer({ chats: 70 });
    const errors = [{ code: "BAD_REQUEST", message: "Bad page token" }];
    server.queueFault({ kind: "status", status: 400, errors }, { when: () => server.requests.length === 3 });
    const advice = "; the page token has expired or belongs to other filters: start over without --page-token\n";
    const { code, stderr } = await run(["--json"], getVariables(server));
    expect(code).toBe(1);
    expect(stderr.split("Bad page token")[1]).toBe(`; 40 chats listed so far${advice}`);
    const resumed = await run(["--page-token=expired"], getVariables(server));
    expect(resumed.stderr.split("Bad page token")[1]).toBe(advice);
  });
});

describe.concurrent("list ends", () => {
  test("quietly and without further requests when its reader closes the pipe", async () => {
    await using server = await startMarketServer({ chats: 1000, latency: 50 });
    const shell = ["sh", "-c", '{ "$@"; echo "code $?" >&2; } | head -1', "sh", ...command] as const;
    const { stdout, stderr } = await start(shell, getVariables(server)).end();
    expect(stdout).toMatch(/^ID .*\n$/);
    expect(stderr).toBe(`${greeting(server)}code 0\n`);
    // A request may be in flight when the reader ends. All pages would be 50.
    expect(server.requests.length).toBeLessThan(10);
  });

  test("with one line and exit code 1 if stdout cannot be written", async () => {
    const fail = "process.stdout.write = () => process.stdout.emit('error', new Error('disk full'))";
    const { code, stderr } = await runAfter(fail);
    expect(getLines(stderr).at(-1)).toBe("yandex-market-chats: cannot write to stdout: disk full");
    expect(code).toBe(1);
  });

  test("immediately on SIGINT, with the number of chats and exit code 130", async () => {
    await using server = await startMarketServer({ chats: 100 });
    const isSecond = () => server.requests.length === 2;
    server.queueFault({ kind: "delay", milliseconds: 600_000 }, { when: isSecond });
    const { child, end } = start([...command, "--json"], getVariables(server));
    await vi.waitUntil(isSecond, { timeout: 50_000 });
    child.kill("SIGINT");
    const { code, stdout, stderr } = await end();
    expect(parseNdjson(stdout)).toEqual(server.chats.slice(0, 20));
    expect({ code, stderr }).toEqual({ code: 130, stderr: `${greeting(server)}Stopped: 20 chats listed.\n` });
  });
});

test.each([
  ["2025-09-17T15:00:00+03:00", "just now"],
  ["2025-09-17T15:00:00Z", "just now"],
  ["2025-09-17T11:00:01Z", "59m ago"],
  ["2025-09-16T12:00:01Z", "23h ago"],
  ["2025-08-18T12:00:00Z", "30d ago"],
  ["2025-08-17T00:00:00Z", "1mo ago"],
  ["2017-11-21T00:00:00+03:00", "7y ago"],
])("formats the time since %s as %s", (text, expected) => {
  expect(formatTimeAgo(text, Date.parse("2025-09-17T12:00:00Z"))).toBe(expected);
});

test.each([
  ["Asia/Tashkent", "2025-12-31T23:30:00+03:00", "2026-01-01 01:30"],
  ["America/New_York", "2025-07-01T00:00:00Z", "2025-06-30 20:00"],
])("in the time zone %s, formats %s as %s", (zone, text, expected) => {
  vi.stubEnv("TZ", zone);
  expect(formatLocalTime(text)).toBe(expected);
  vi.unstubAllEnvs();
});

test.each([
  ...["a-b=c", "e5", "99999999999"].map((unchanged) => [unchanged, unchanged]),
  ['a "quoted", name', '"a ""quoted"", name"'],
  ["two\r\nlines", '"two\r\nlines"'],
  ["\u001b[2J!", " [2J!"],
  // Formulas, also after any delimiter and quotation mark that a spreadsheet may expect.
  ...["=1+1", "+7", "-5", "@SUM(A1)", "＝1"].map((formula) => [formula, `'${formula}`]),
  ["\t=1", '"\t\'=1"'],
  [' "=1"', '"\' ""=1"""'],
  ["Иван;=1+1;x", '"Иван;\'=1+1;x"'],
  ["Иван, -1", '"Иван,\' -1"'],
  ["Иван\r\n=1", '"Иван\r\n\'=1"'],
  ['x;"=1', '"x;\'""=1"'],
  // Numbers that a spreadsheet would change.
  ...["0012", "12e5", "1.5E-10", "100000000000"].map((number) => [number, `"\t${number}"`]),
])("in CSV, a spreadsheet leaves %j alone, which is written as %j", (name, field) => {
  const { context, createdAt, updatedAt, ...chat } = createChat(1);
  const record = createCsv(",").format({ ...chat, context: { ...context, customer: { name } }, createdAt, updatedAt });
  expect(record).toBe(`1,CHAT,NEW,DIRECT,,,,${field},,${createdAt},${updatedAt}\r\n`);
});

test("in JSON, escapes characters that a terminal or a program that splits lines could interpret", () => {
  const chat = { ...createChat(1), context: { type: "DIRECT" as const, customer: { name: "\u009b2J\u2028\u202e" } } };
  const line = toJsonLine(chat);
  expect(line).toContain('"\\u009b2J\\u2028\\u202e"');
  expect(JSON.parse(line)).toEqual(chat);
});

test("on a terminal, replaces progress by the next progress and by other output", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const { isTTY } = process.stderr;
  process.stderr.isTTY = true;
  showProgress(20);
  showProgress(40);
  logToStderr("40 chats listed.");
  process.stderr.isTTY = isTTY;
  const lines = ["20 chats so far", "40 chats so far", "40 chats listed.\n"];
  expect(write.mock.calls.map(([text]) => text).join("")).toBe(lines.map((line) => `\r\u001b[K${line}`).join(""));
  write.mockRestore();
});
