/**
 * The key goes to the Market and nowhere else. Servers, proxies, vaults and test doubles do their worst to have it
 * printed; then everything that a client shows is searched: results, errors with all that is in them, what `onAttempt`
 * is told, and the client itself.
 */
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Attempt,
  type ChatsClient,
  type ChatsClientOptions,
  createChatsClient,
  type Fetch,
  MarketError,
} from "../src/index.js";
import { startMarketServer } from "../src/testing/index.js";
import { type Clock, startClock } from "./faults/clock.js";
import { textOf, tracesOf } from "./faults/traces.js";
import { answer, answerJson, type Deed, firstToken, healthy, redirect, startWire, type Wire } from "./faults/wire.js";
import { apiKey as key, businessId } from "./support/fetch.js";

vi.setConfig({ testTimeout: 30_000 });

let wire: Wire;
let elsewhere: Wire;
let clock: Clock;

beforeEach(async () => {
  wire = await startWire(healthy);
  elsewhere = await startWire(healthy);
  clock = startClock();
});

afterEach(async () => {
  clock[Symbol.dispose]();
  await wire[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
});

const path = { businessId };
const chat = "/v2/businesses/{businessId}/chat";
const chats = "/v2/businesses/{businessId}/chats";

/** Every way to ask for something. */
const ways: Record<string, (market: ChatsClient) => Promise<unknown>> = {
  getChat: (market) => market.getChat(1),
  getChats: (market) => market.getChats({}, { pageToken: firstToken }),
  async listChats(market) {
    const listing = market.listChats({}, { prefetch: true });
    const pages = listing.pages();
    const shown: unknown[] = [listing, pages, pages[Symbol.asyncIterator](), listing[Symbol.asyncIterator]()];
    for await (const page of pages) {
      shown.push(page);
    }
    return shown;
  },
  "api.GET": ({ api }) => api.GET(chat, { params: { path, query: { chatId: 1 } } }),
  "api.POST": ({ api }) => api.POST(chats, { params: { path }, body: {} }),
};

/** What comes of it. */
interface Shown {
  /** The text of everything that a caller and its logs get to see, but for the responses of raw calls. */
  readonly text: string;
  /** What raw calls give: an answer as the server has sent it. */
  readonly responses: unknown[];
  readonly failures: unknown[];
  readonly attempts: Attempt[];
}

/** Asks for something in every way, and gives all that is shown. */
async function show(options: Partial<ChatsClientOptions> = {}): Promise<Shown> {
  const attempts: Attempt[] = [];
  const market = createChatsClient({
    apiKey: key,
    businessId,
    baseUrl: wire.baseUrl,
    maxRetries: 1,
    maxRateLimitWait: 1000,
    onAttempt: (attempt) => void attempts.push(attempt),
    ...options,
  });
  const results: unknown[] = [];
  const responses: unknown[] = [];
  const failures: unknown[] = [];
  for (const [name, call] of Object.entries(ways)) {
    await call(market).then(
      (result) => (name.startsWith("api") ? responses : results).push(result),
      (failure: unknown) => failures.push(failure),
    );
  }
  const shown = [market, market.api, attempts, ...attempts.map(({ error }) => error), ...results, ...failures];
  return { text: shown.map(textOf).join("\n"), responses, failures, attempts };
}

describe("a client", () => {
  it("shows nothing of the key when all is well", async () => {
    const { text, responses, failures } = await show({ integration: "my-helpdesk/1.4.0" });
    expect(failures).toEqual([]);
    expect(responses).toHaveLength(2);
    for (const shown of [text, ...responses.map(textOf)]) {
      expect(shown).toContain('"chatId":1');
      expect(tracesOf(key, shown)).toEqual([]);
    }
    expect(wire.requests[0]?.headers["api-key"]).toBe(key);
  });

  it.each<[string, Partial<Record<keyof ChatsClientOptions, unknown>>]>([
    ["a key with a line break", { apiKey: `${key}\n` }],
    ["a key with a header behind it", { apiKey: `${key}\r\nHost: elsewhere` }],
    ["a key with a space", { apiKey: ` ${key}` }],
    ["a key with Bearer", { apiKey: `Bearer ${key}` }],
    ["a key in a list", { apiKey: [key] }],
    ["a key in bytes", { apiKey: Buffer.from(key) }],
    ["a key in an object", { apiKey: { toString: () => key } }],
    ["the key for a businessId", { apiKey: key, businessId: key }],
    ["the key for an address", { apiKey: key, baseUrl: key }],
    ["the key in the query of an address", { apiKey: key, baseUrl: `https://market.example/?key=${key}` }],
    [
      "the key for the user of an address",
      { apiKey: key, baseUrl: `https://${encodeURIComponent(key)}@market.example` },
    ],
    [
      "the key for a password, in the open",
      { apiKey: key, baseUrl: `http://me:${encodeURIComponent(key)}@market.example` },
    ],
    ["the key in the name of an integration", { apiKey: key, integration: `helpdesk\n${key}` }],
    ["the key for a timeout", { apiKey: key, timeout: key }],
    ["the key for a fetch", { apiKey: key, fetch: key }],
  ])("is not made with %s, and the complaint does not repeat it", (_, options) => {
    const make = () => createChatsClient({ apiKey: key, businessId, ...options } as ChatsClientOptions);
    expect(make).toThrow(TypeError);
    expect(tracesOf(key, textOf(thrownBy(make)))).toEqual([]);
  });

  function thrownBy(make: () => unknown): unknown {
    try {
      return make();
    } catch (error) {
      return error;
    }
  }
});

/** How a server may write the key that it was sent. */
const spellings: Record<string, (text: string) => string> = {
  "as it is": (text) => text,
  "three times": (text) => `${text}, ${text}${text}`,
  "percent-encoded": encodeURIComponent,
  "percent-encoded in small letters": (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  "in small letters": (text) => text.toLowerCase(),
  "in capitals": (text) => text.toUpperCase(),
  "in Base64": (text) => Buffer.from(text).toString("base64"),
  "in Base64, behind a name": (text) => Buffer.from(`user:${text}`).toString("base64"),
  "in part": (text) => `${text.slice(0, 24)}...`,
  "but for its start": (text) => `...${text.slice(-24)}`,
  "in two halves": (text) => `${text.slice(0, 27)} ${text.slice(27)}`,
};

/** Where it may write it. Each has to end in an answer with something of the place in it. */
const places: Record<string, (text: string) => Deed> = {
  "a code": (text) => answerJson(401, { status: "ERROR", errors: [{ code: text, message: "is unknown" }] }),
  "a message": (text) => answerJson(400, { errors: [{ code: "A", message: `The key ${text} is revoked` }] }),
  "the message of an answer that is retried": (text) => answerJson(503, { errors: [{ code: "A", message: text }] }),
  "the message of a 420": (text) => answerJson(420, { errors: [{ code: "A", message: `${text}: requests per hour` }] }),
  "the message of a 200": (text) => answerJson(200, { status: "ERROR", errors: [{ code: "A", message: text }] }),
  "a field that is not documented": (text) => answerJson(400, { errors: [{ code: "A", key: text }], debug: text }),
  "the name of a field": (text) => answerJson(200, { result: { chats: [], [text]: 2 ** 60 } }),
  "a robot check": (text) => answer(200, `<title>${text}</title>`, { "Content-Type": "text/html" }),
  "an error in HTML": (text) => answer(502, `<title>${text}</title>`, { "Content-Type": "text/html" }),
  "the type of a body": (text) => answer(200, "?", { "Content-Type": `text/${text}; charset=utf-8` }),
  traceparent: (text) => answerJson(404, { errors: [{ code: "A" }] }, { traceparent: `00-${text}-01` }),
  "the traceparent of a success": (text) => (response, request) => {
    response.setHeader("traceparent", text);
    answerJson(200, { status: "ERROR" })(response, request);
  },
  "a cookie": (text) => answerJson(403, {}, { "Set-Cookie": `key=${text}` }),
  "what is said of the quota": (text) => answerJson(420, {}, { "X-RateLimit-Resource-Until": text, Date: text }),
  "the status line": (text) => (response) => response.writeHead(400, text, { "Content-Length": 0 }).end(),
  "where a redirect leads": (text) => redirect(302, `${elsewhere.baseUrl}/?key=${text}`),
};

describe.each(Object.entries(places))("a server that echoes the key in %s", (_, place) => {
  it.each(Object.entries(spellings))("%s, has it shown to nobody", async (_name, spell) => {
    wire.script = [place(spell(key))];
    const { text, attempts } = await show();
    expect(attempts.length).toBeGreaterThanOrEqual(Object.keys(ways).length);
    expect(tracesOf(key, text)).toEqual([]);
    expect(elsewhere.requests).toEqual([]);
  });
});

describe("an echo", () => {
  it("is blotted out, and the words around it are kept", async () => {
    wire.script = [answerJson(400, { errors: [{ code: "UNAUTHORIZED", message: `The key ${key} is revoked` }] })];
    const { failures } = await show();
    expect(failures).toHaveLength(3); // Raw calls do not throw.
    for (const failure of failures) {
      expect(failure).toMatchObject({ errors: [{ code: "UNAUTHORIZED", message: "The key [Api-Key] is revoked" }] });
    }
  });

  // What means something to a regular expression, to a replacement, to JSON, to HTML and to a URL.
  const peculiar = `AC"MA\\:$&$1+/=<b>&'{}[]()|^~.*?-%41#0123456789"abcdefghij`;

  it.each<[string, (text: string) => string]>([
    ["as it is", (text) => text],
    ["percent-encoded", encodeURIComponent],
    ["in JSON in JSON", (text) => JSON.stringify({ headers: { "Api-Key": text } })],
  ])("of a key of peculiar characters is found, too: %s", async (_, spell) => {
    wire.script = [answerJson(400, { errors: [{ code: "A", message: spell(peculiar) }] })];
    const { text } = await show({ apiKey: peculiar });
    expect(text).toContain("[Api-Key]");
    expect(tracesOf(peculiar, text)).toEqual([]);
  });

  it("in the answer to a raw call is not in its error", async () => {
    wire.script = [answerJson(400, { status: "ERROR", errors: [{ code: "A", message: `The key ${key} is revoked` }] })];
    const { responses } = await show();
    expect(responses).toHaveLength(2);
    for (const response of responses as { error?: unknown }[]) {
      expect(response.error).toMatchObject({ status: "ERROR", errors: [{ code: "A" }] });
      expect(tracesOf(key, textOf(response.error))).toEqual([]);
    }
  });

  it("of a key that was replaced while the call went on is found, too", async () => {
    const [oldKey, newKey] = ["the-old-key-0123456789abcdef", "another-one-fedcba9876543210"];
    wire.script = [answerJson(503, {}), answerJson(400, { errors: [{ code: "A", message: `${oldKey} has expired` }] })];
    const keys = [oldKey, newKey];
    const apiKey = () => keys.shift() ?? newKey;
    const market = createChatsClient({ apiKey, businessId, baseUrl: wire.baseUrl });
    const text = textOf(await market.getChat(1).catch((error: unknown) => error));
    expect(text).toContain("has expired");
    expect(tracesOf(oldKey, text)).toEqual([]);
    expect(keys).toEqual([]);
  });
});

/** An error that carries more than it should, and shows it, too. */
class HttpError extends Error {
  override readonly name = "HttpError";
  readonly request: Request;
  readonly headers: Map<string, string>;
  readonly init: RequestInit;

  constructor(url: string, init: RequestInit) {
    super("request failed");
    this.request = new Request(url, { ...init, signal: null });
    this.headers = new Map(new Headers(init.headers));
    this.init = init;
  }

  override toString(): string {
    return `HttpError: ${this.headers.get("api-key")}`;
  }

  toJSON(): unknown {
    return Object.fromEntries(this.headers);
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** An error with properties that an error usually does not have. */
function anError(properties: Record<string, unknown>): Error {
  return Object.assign(new Error("request failed"), properties);
}

function withGetter(name: string, get: () => unknown): Error {
  return Object.defineProperty(new Error("request failed"), name, { get });
}

function fail(text = key): never {
  throw new Error(text);
}

function chainOf(length: number): Error {
  return length === 0 ? new Error(key) : new Error("request failed", { cause: chainOf(length - 1) });
}

const circular = new Error(key);
circular.cause = circular;

describe("a fetch that throws", () => {
  it.each<[string, (url: string, init: RequestInit) => unknown]>([
    ["an error that carries the request", (url, init) => new HttpError(url, init)],
    [
      "an error whose cause carries the request",
      (url, init) => new TypeError("fetch failed", { cause: new HttpError(url, init) }),
    ],
    ["an error with the request's init", (_url, init) => anError({ config: init, init })],
    ["an error with the key in its message", () => new Error(`invalid header value ${key}`)],
    ["an error with the key in its message, encoded", () => new Error(`GET /?key=${encodeURIComponent(key)}`)],
    ["an error with part of the key in its message", () => new Error(`invalid header value ${key.slice(0, 30)}…`)],
    [
      "an error with the headers in its message, as JSON",
      (_url, init) => new Error(JSON.stringify([...new Headers(init.headers)])),
    ],
    ["an error with the key in its name", () => anError({ name: `Error(${key})` })],
    ["an error with the key in its code", () => anError({ code: key })],
    ["an error with the key in its stack", () => anError({ stack: `Error\n    at fetch (${key})` })],
    ["an error with the key in its errno", () => anError({ errno: key, syscall: key, hostname: key })],
    ["an error whose cause is the key", () => new Error("request failed", { cause: key })],
    ["an error whose cause is the headers", (_url, init) => new Error("request failed", { cause: init.headers })],
    ["an error whose cause has the key", () => new Error("request failed", { cause: new Error(key) })],
    ["an error with the key at the end of a long chain of causes", () => chainOf(20)],
    ["an error that is its own cause", () => circular],
    ["many errors at once", () => new AggregateError([new Error(key), { key }], `tried ${key}`)],
    ["an error whose cause is many errors", () => new Error("failed", { cause: new AggregateError([new Error(key)]) })],
    ["a DOMException", () => new DOMException(key, "AbortError")],
    ["an error with a symbol for a name", () => anError({ name: Symbol(key) })],
    ["an error with an object for a message", () => anError({ message: { key } })],
    ["an error with a list for a stack", () => anError({ stack: [key] })],
    ["an error that throws when its message is read", () => withGetter("message", () => fail())],
    ["an error that throws when its stack is read", () => withGetter("stack", () => fail())],
    ["an error that throws when its code is read", () => withGetter("code", () => fail())],
    ["an error that throws when its cause is read", () => withGetter("cause", () => fail())],
    [
      "an error that throws whatever is read",
      () => new Proxy(new Error(key), { get: () => fail(), has: () => fail(), getPrototypeOf: () => fail() }),
    ],
    ["a text", () => key],
    ["an object", () => ({ key, toString: () => key })],
    ["a symbol", () => Symbol(key)],
    ["a function", () => Object.assign(() => key, { key })],
    ["headers", (_url, init) => init.headers],
    ["bytes", () => Buffer.from(key)],
  ])("%s has the key shown to nobody", async (_, thrown) => {
    const fetch: Fetch = async (url, init) => {
      throw thrown(url, init);
    };
    await expectKeptSecret(fetch);
  });

  it.each<[string, (init: RequestInit) => unknown]>([
    ["whose text rejects", () => Object.assign(new Response(), { text: async () => fail() })],
    ["whose body breaks", () => new Response(new ReadableStream({ start: (stream) => stream.error(new Error(key)) }))],
    ["whose text is no text", () => Object.assign(new Response(), { text: async () => ({ key }) })],
    ["that is none", (init) => init],
    ["that is the key", () => key],
  ])("or gives a response %s has the key shown to nobody", async (_, respond) => {
    await expectKeptSecret(async (_url, init) => respond(init) as Response);
  });

  async function expectKeptSecret(fetch: Fetch): Promise<void> {
    const { text, failures, attempts } = await show({ fetch });
    expect(failures).toHaveLength(Object.keys(ways).length);
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(MarketError);
    }
    expect(attempts.length).toBeGreaterThanOrEqual(failures.length);
    expect(tracesOf(key, text)).toEqual([]);
  }
});

describe("an apiKey function", () => {
  /** What it does, to give away the secret. The types are not what they are, as in JavaScript. */
  const misdeeds: [string, (secret: string) => unknown][] = [
    ["throws it", fail],
    ["throws a text", (secret) => Promise.reject(secret as unknown as Error)],
    ["rejects with it", (secret) => Promise.reject(new Error(`cannot renew ${secret}`))],
    ["rejects with an error that carries it", (secret) => Promise.reject(anError({ response: { token: secret } }))],
    [
      "rejects with an error whose cause is it",
      (secret) => Promise.reject(new Error("", { cause: new Error(secret) })),
    ],
    ["returns it with a line break", (secret) => `${secret}\n`],
    ["returns it with a header behind it", (secret) => `${secret}\r\nHost: elsewhere`],
    ["returns it in an object", (secret) => ({ toString: () => secret })],
    ["returns it in bytes", (secret) => Buffer.from(secret)],
  ];

  // Nothing is known of the key then, but the form that the Market's keys have.
  it.each(misdeeds)("that %s has the key shown to nobody", async (_, misbehave) => {
    const { text, failures } = await show({ apiKey: (() => misbehave(key)) as () => string });
    expect(failures).toHaveLength(Object.keys(ways).length);
    expect(tracesOf(key, text)).toEqual([]);
    expect(wire.requests).toEqual([]);
  });

  it.each(misdeeds)("that %s when it has given it before has the key shown to nobody", async (_, misbehave) => {
    const secret = "of-no-form-that-anybody-would-know-0123456789";
    let isFirst = true;
    const apiKey = () => {
      const given = isFirst ? secret : misbehave(secret);
      isFirst = false;
      return given;
    };
    const { text, failures } = await show({ apiKey: apiKey as () => string });
    expect(failures).toHaveLength(Object.keys(ways).length - 1);
    expect(tracesOf(secret, text)).toEqual([]);
    expect(wire.requests).toHaveLength(1);
  });
});

describe("another origin", () => {
  it.each([301, 302, 303, 307, 308])("is sent nothing when a %i leads there", async (status) => {
    wire.script = [redirect(status, `${elsewhere.baseUrl}/v2/businesses/123456/chats`)];
    const { failures } = await show();
    expect(failures).toHaveLength(Object.keys(ways).length);
    expect(elsewhere.requests).toEqual([]);
  });

  it.each<[string, () => string]>([
    ["another port", () => elsewhere.baseUrl],
    ["another port that begins with the same digits", () => `${wire.baseUrl}0`],
    ["another host behind this one", () => `${wire.baseUrl}@${new URL(elsewhere.baseUrl).host}`],
    ["another host behind a user", () => elsewhere.baseUrl.replace("http://", `http://${new URL(wire.baseUrl).host}@`)],
    ["another scheme", () => wire.baseUrl.replace("http:", "https:")],
    ["no scheme", () => elsewhere.baseUrl.replace("http:", "")],
    ["backslashes", () => elsewhere.baseUrl.replace("http://", "http:\\\\")],
    ["a name that begins with the same one", () => "https://api.partner.market.yandex.ru.evil.example"],
  ])("is sent nothing when the baseUrl of a raw call is %s", async (_, baseUrl) => {
    const market = createChatsClient({ apiKey: key, businessId, baseUrl: wire.baseUrl });
    const query = { chatId: 1 };
    const raw = [
      market.api.GET(chat, { baseUrl: baseUrl(), params: { path, query } }),
      market.api.POST(chats, { baseUrl: baseUrl(), params: { path }, body: {} }),
    ];
    for (const outcome of await Promise.allSettled(raw)) {
      expect(outcome).toEqual({ status: "rejected", reason: expect.any(TypeError) as TypeError });
      expect(tracesOf(key, textOf(outcome))).toEqual([]);
    }
    expect(elsewhere.requests).toEqual([]);
    expect(wire.requests).toEqual([]);
  });

  it("is sent no key by a fetch that a raw call brings along", async () => {
    const market = createChatsClient({ apiKey: key, businessId, baseUrl: wire.baseUrl });
    const seen: unknown[] = [];
    const fetch = async (...parameters: unknown[]) => {
      seen.push(...parameters);
      return new Response("{}");
    };
    await market.api.GET(chat, { baseUrl: elsewhere.baseUrl, params: { path, query: { chatId: 1 } }, fetch });
    expect(seen).not.toEqual([]);
    expect(tracesOf(key, seen.map(textOf).join())).toEqual([]);
  });

  it("is sent nothing when a raw call makes up its path", async () => {
    const market = createChatsClient({ apiKey: key, businessId, baseUrl: wire.baseUrl });
    const { host } = new URL(elsewhere.baseUrl);
    for (const made of [`@${host}/`, `.${host}/`, `//${host}/`, `/\\${host}/`, `/../..//${host}/`]) {
      const call = market.api.GET(chat, { params: { path, query: { chatId: 1 } }, pathSerializer: () => made });
      await call.catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
    }
    expect(elsewhere.requests).toEqual([]);
  });
});

describe("the log of the embedded server", () => {
  const wrongKey = "ACMA:aKeyThatBelongsToAnotherCabinet00000000:fedcba98";

  /** Some characters encoded that need not be, as an attacker or a careless proxy would. */
  function overEncoded(text: string): string {
    return `%${text.charCodeAt(0).toString(16)}${encodeURIComponent(text.slice(1))}`;
  }

  function escaped(text: string): string {
    return `"\\u00${text.charCodeAt(0).toString(16)}${text.slice(1)}"`;
  }

  it.each<[string, (key: string) => [path: string, init: RequestInit]]>([
    ["for a key", (sent) => ["", { headers: { "Api-Key": sent } }]],
    ["for an OAuth token", (sent) => ["", { headers: { Authorization: `Bearer ${sent}` } }]],
    ["in a cookie", (sent) => ["", { headers: { Cookie: `key=${sent}` } }]],
    ["in a header of its own", (sent) => ["", { headers: { "X-Copy": `key ${sent}` } }]],
    ["in the path", (sent) => [`/v2/${sent}/chats`, {}]],
    ["in the path, encoded", (sent) => [`/v2/${encodeURIComponent(sent)}/chats`, {}]],
    ["in the query", (sent) => [`/?key=${sent}`, {}]],
    ["in the query, encoded", (sent) => [`/?key=${encodeURIComponent(sent)}`, {}]],
    ["in the query, encoded more than need be", (sent) => [`/?key=${overEncoded(sent)}`, {}]],
    ["in the name of a parameter", (sent) => [`/?${overEncoded(sent)}=1`, {}]],
    ["in the body", (sent) => ["", { method: "POST", body: sent }]],
    ["in the body, as JSON", (sent) => ["", { method: "POST", body: JSON.stringify({ key: sent, [sent]: 1 }) }]],
    ["in the body, as JSON that is escaped", (sent) => ["", { method: "POST", body: `{"key":${escaped(sent)}}` }]],
  ])("shows no key that was sent %s", async (_, request) => {
    await using server = await startMarketServer({ apiKey: key });
    for (const sent of [key, wrongKey]) {
      const [url, { headers, ...init }] = request(sent);
      const answered = await fetch(server.baseUrl + url, { ...init, headers: { "Api-Key": sent, ...headers } });
      expect(tracesOf(sent, await answered.text())).toEqual([]);
    }
    expect(server.requests).toHaveLength(2);
    const text = textOf(server.requests);
    expect(text).toContain("127.0.0.1");
    expect(tracesOf(key, text)).toEqual([]);
    expect(tracesOf(wrongKey, text)).toEqual([]);
  });

  it.each(["Api-Key", "Authorization", "Proxy-Authorization", "Cookie"])("shows no %s, however short", async (name) => {
    await using server = await startMarketServer({ apiKey: "q7" });
    await fetch(server.baseUrl, { headers: { [name]: "q7" } });
    expect(server.requests).toHaveLength(1);
    expect(textOf(server.requests)).not.toContain("q7");
  });

  it("shows no key of a client, whatever becomes of its calls", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "status", status: 500 });
    server.queueFault({ kind: "cut", where: "body" });
    server.queueFault({ kind: "redirect", location: "/elsewhere" });
    server.queueFault({ kind: "html" });
    await show({ ...server });
    expect(server.requests.length).toBeGreaterThan(5);
    expect(server.requests.every((request) => request.key === "right")).toBe(true);
    expect(tracesOf(server.apiKey, textOf(server.requests))).toEqual([]);
  });
});

describe("the search for traces", () => {
  it.each<[string, unknown]>([
    ["a text", `before ${key} after`],
    ["a part", key.slice(20, 32)],
    ["small letters", key.toLowerCase()],
    ["percent-encoding", encodeURIComponent(key)],
    ["Base64", Buffer.from(`a${key}`).toString("base64")],
    ["hexadecimal digits", Buffer.from(key).toString("hex")],
    ["a Buffer", Buffer.from(key)],
    ["an array of bytes", new TextEncoder().encode(key)],
    ["a property that is not enumerable", Object.defineProperty({}, "key", { value: key })],
    ["a property with a symbol for a name", { [Symbol(key)]: 1 }],
    ["a getter", withGetter("key", () => key)],
    ["a message", new Error(key)],
    ["a cause", new Error("", { cause: new Error("", { cause: key }) })],
    ["an error among many", new AggregateError([new Error(key)])],
    ["a Map", { map: new Map([["key", new Set([key])]]) }],
    ["headers", new Headers({ "Api-Key": key })],
    ["a request", new Request("http://localhost", { headers: { "Api-Key": key } })],
  ])("finds %s", (_, value) => {
    expect(tracesOf(key, textOf(value))).not.toEqual([]);
  });

  it("finds nothing in what is not the key", () => {
    expect(tracesOf(key, textOf({ text: key.slice(0, 11), other: key.slice(30, 41) }))).toEqual([]);
  });
});
