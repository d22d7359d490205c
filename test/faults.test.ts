/**
 * The fault matrix: what goes wrong between a client and the Market, each over real HTTP, and what the caller gets.
 *
 * A row is one fault. It is tried twice: as one that lasts, met by a single call, and as one that passes, met by a
 * listing that has to lose nothing over it. After each, nothing may be left behind.
 */
import { execFile } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ApiError,
  type ApiErrorDetail,
  type ApiKey,
  type ChatsClient,
  type ChatsClientOptions,
  ConnectionError,
  createChatsClient,
  type Fetch,
  MarketError,
  RateLimitError,
  ResponseError,
  TimeoutError,
} from "../src/index.js";
import { type Clock, startClock } from "./faults/clock.js";
import {
  allChats,
  answer,
  answerError,
  answerHtml,
  answerJson,
  deadUrl,
  type Deed,
  firstToken,
  halfway,
  hangUp,
  healthy,
  redirect,
  reset,
  stall,
  startWire,
  type Wire,
  write,
} from "./faults/wire.js";
import { aChat, apiKey, businessId } from "./support/fetch.js";
import { collect, rejectionOf } from "./support/settling.js";

vi.setConfig({ testTimeout: 30_000 });

const second = 1000;
const hour = 3_600_000;

/** What stands on the stage while a fault takes its course. */
interface Scene {
  readonly wire: Wire;
  /** Another origin, where redirects lead. */
  readonly elsewhere: Wire;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly abort: () => void;
  /** How often the `apiKey` function is still to misbehave. */
  faultyKeys: number;
  /** What happens, once, when the head of an answer has come. */
  atHead: (() => void) | undefined;
}

let scene: Scene;
let unhandled: unknown[];
const noteUnhandled = (reason: unknown) => void unhandled.push(reason);

const reason = new Error("the caller has had enough");

beforeEach(async () => {
  const controller = new AbortController();
  scene = {
    wire: await startWire(),
    elsewhere: await startWire(healthy),
    clock: startClock(),
    signal: controller.signal,
    abort: () => controller.abort(reason),
    faultyKeys: 0,
    atHead: undefined,
  };
  unhandled = [];
  process.on("unhandledRejection", noteUnhandled);
});

afterEach(async () => {
  process.off("unhandledRejection", noteUnhandled);
  scene.clock[Symbol.dispose]();
  await scene.wire[Symbol.asyncDispose]();
  await scene.elsewhere[Symbol.asyncDispose]();
});

/** What the caller gets. */
interface Failure {
  readonly type: abstract new (...args: never[]) => Error;
  /** The message, without the name of the operation and the number of attempts. */
  readonly says: string | RegExp;
  readonly status?: number;
  readonly errors?: ApiErrorDetail[];
  /** In how many milliseconds the call is to be made again. */
  readonly retryIn?: number;
  /** A code of the runtime, somewhere among the causes. */
  readonly code?: RegExp;
}

interface Row {
  readonly fault: string;
  /** What the server does with every request, or with the first one. */
  readonly server?: Deed;
  readonly options?: () => Promise<Partial<ChatsClientOptions>> | Partial<ChatsClientOptions>;
  readonly gets: Failure;
  /** Whether another attempt follows: there is just one that may, so there are two requests or there is one. */
  readonly isRetried: boolean;
  /** The shortest and the longest pause before the other attempt. */
  readonly pause?: readonly [number, number];
  /** How many requests reach the server in each attempt, if it is not one. */
  readonly requests?: 0;
  /** Whether it comes to no attempt at all. */
  readonly isUnsent?: boolean;
  /** Whether it cannot pass: there is no server that could do better. */
  readonly isForGood?: boolean;
}

/** A deed that depends on what is on the stage. */
function later(deed: () => Deed): Deed {
  return (response, request) => deed()(response, request);
}

/** Lets the attempt that is under way time out. */
const expire: Deed = () => void setImmediate(() => scene.clock.expire());

/** The deed, and what happens as soon as the client has the head of the answer. */
function andAtHead(deed: Deed, happens: () => void): Deed {
  return (response, request) => {
    scene.atHead = happens;
    deed(response, request);
  };
}

/** The global fetch, watched for heads of answers. */
const watchedFetch: Fetch = async (url, init) => {
  const response = await fetch(url, init);
  if (scene.atHead !== undefined) {
    setImmediate(scene.atHead);
    scene.atHead = undefined;
  }
  return response;
};

const connectionLost = (code: RegExp): Failure => ({
  type: ConnectionError,
  says: /^no whole answer from the Market: \S/,
  code,
});

const timedOut: Failure = { type: TimeoutError, says: "no whole answer within 30000 ms" };

const ends = /^(ECONNRESET|UND_ERR_SOCKET)$/;

const connections: Row[] = [
  ...[
    {
      fault: "a host that DNS does not know",
      url: () => "https://no-such-host.invalid",
      code: /^(ENOTFOUND|EAI_AGAIN)$/,
    },
    { fault: "a port where nobody listens", url: deadUrl, code: /^ECONNREFUSED$/ },
  ].map(({ fault, url, code }): Row => ({
    fault,
    options: async () => ({ baseUrl: await url() }),
    gets: connectionLost(code),
    isRetried: true,
    requests: 0,
    isForGood: true,
  })),
  ...Object.entries<[Deed, RegExp]>({
    "a reset before the head": [reset, ends],
    "a connection that ends before the head": [hangUp, ends],
    "a reset within the head": [
      ({ socket }) => void socket?.write("HTTP/1.1 200 OK\r\nConte", () => socket.resetAndDestroy()),
      ends,
    ],
    "a connection that ends within the head": [
      write("HTTP/1.1 200 OK\r\nContent-Ty", { end: true }),
      /^UND_ERR_SOCKET$/,
    ],
    "a head that is not HTTP": [write("SSH-2.0-OpenSSH_9.6\r\n"), /^HPE_INVALID_CONSTANT$/],
    "a head without an end": [write(`HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(20_000)}`), /^UND_ERR_HEADERS_OVERFLOW$/],
    "two lengths for one body": [
      write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
      /^HPE_UNEXPECTED_CONTENT_LENGTH$/,
    ],
    "a switch to another protocol": [
      write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
      /^UND_ERR_SOCKET$/,
    ],
    "a reset in the body": [halfway(reset), ends],
    "a body that is shorter than its Content-Length": [halfway(hangUp), ends],
    "a body without its last chunk": [halfway(({ socket }) => void socket?.end(), {}), ends],
    "a chunk without a size": [
      write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n"),
      /^HPE_INVALID_CHUNK_SIZE$/,
    ],
    "a body that is called gzip and is not": [answer(200, "hello", { "Content-Encoding": "gzip" }), /^Z_DATA_ERROR$/],
  }).map(([fault, [server, code]]): Row => ({ fault, server, gets: connectionLost(code), isRetried: true })),
  {
    fault: "a 407, which fetch keeps to itself: it is a proxy's",
    server: answerError(407, "PROXY", "Who are you?"),
    gets: { type: ConnectionError, says: /^no whole answer from the Market: fetch failed/ },
    isRetried: true,
  },
  { fault: "a head that stays away", server: expire, gets: timedOut, isRetried: true },
  ...Object.entries<Deed>({
    "a body that stays away": (response) => response.writeHead(200, { "Content-Length": "1000" }).flushHeaders(),
    "a body that stops halfway": halfway(stall),
    "a body that trickles for ever": (response) => {
      const trickle = setInterval(() => response.write(" "), 1);
      response.on("close", () => clearInterval(trickle));
    },
  }).map(([fault, server]): Row => ({
    fault,
    server: andAtHead(server, () => scene.clock.expire()),
    options: () => ({ fetch: watchedFetch }),
    gets: timedOut,
    isRetried: true,
  })),
];

/** The statuses of the documentation, each as an error of the Market, of a balancer, and of nobody. */
const statuses = [400, 401, 403, 404, 405, 408, 415, 420, 423, 429, 499, 500, 502, 503, 504].flatMap(
  (status): Row[] => {
    const isRetried = status >= 500 || [408, 420, 429].includes(status);
    const type = status === 420 ? RateLimitError : ApiError;
    const wordless: Failure = { type, status, errors: [], says: `${status} without a reason in the answer` };
    return [
      {
        fault: `a ${status} with the Market's words`,
        server: answerError(status, "CODE", "What the Market has to say"),
        gets: {
          type,
          status,
          errors: [{ code: "CODE", message: "What the Market has to say" }],
          says: `${status} CODE: What the Market has to say`,
        },
        isRetried,
      },
      { fault: `a ${status} in HTML`, server: answerHtml(status), gets: wordless, isRetried },
      { fault: `a ${status} without a body`, server: answer(status, ""), gets: wordless, isRetried },
    ];
  },
);

const badRequests = Object.entries<[string, ApiErrorDetail[], string]>({
  "several reasons": [
    '{"status":"ERROR","errors":[{"code":"A","message":"one"},{"code":"B","message":"two"}]}',
    [
      { code: "A", message: "one" },
      { code: "B", message: "two" },
    ],
    "400 A: one; B: two",
  ],
  "a reason without a message": ['{"status":"ERROR","errors":[{"code":"A"}]}', [{ code: "A" }], "400 A"],
  "a reason whose message is null": ['{"errors":[{"code":"A","message":null}]}', [{ code: "A" }], "400 A"],
  "a reason, and the status OK": ['{"status":"OK","errors":[{"code":"A"}]}', [{ code: "A" }], "400 A"],
  "reasons among which is none": ['{"errors":[null,5,"A",{"code":"A"}]}', [{ code: "A" }], "400 A"],
  "errors that are null": ['{"status":"ERROR","errors":null}', [], "400 without a reason in the answer"],
  "errors that are no list": ['{"errors":{"code":"A"}}', [], "400 without a reason in the answer"],
  "no errors": ['{"status":"ERROR"}', [], "400 without a reason in the answer"],
  null: ["null", [], "400 without a reason in the answer"],
  "a list": ["[]", [], "400 without a reason in the answer"],
  "broken JSON": ['{"status":"ERROR","errors":[{"co', [], "400 without a reason in the answer"],
}).map(([what, [body, errors, says]]): Row => ({
  fault: `a 400 with ${what}`,
  server: answer(400, body),
  gets: { type: ApiError, status: 400, errors, says },
  isRetried: false,
}));

const notJson = "200, but the body is not JSON (application/json)";
const noResult = "200, but there is no result in the answer";
const noChats = "200, but there is no list of chats in its result";
const rounded = (place: string) => `200, but ${place} is an integer beyond 2^53 − 1, which JavaScript would round`;

/** A page whose second chat has this number for an ID. */
function pageWith(chatId: string): string {
  const page = { status: "OK", result: { chats: [aChat(1), aChat(2)] } };
  return JSON.stringify(page).replace('"chatId":2', `"chatId":${chatId}`);
}

const wrongBodies: Row[] = [
  { fault: "a 200 in HTML", server: answerHtml(200), says: "200, but the body is not JSON (text/html)" },
  {
    fault: "a 200 in words",
    server: answer(200, "OK", { "Content-Type": "text/plain" }),
    says: "200, but the body is not JSON (text/plain)",
  },
  { fault: "a 200 of no type", server: answer(200, "OK", {}), says: "200, but the body is not JSON" },
  {
    // Without a length there is no telling that the end is missing.
    fault: "a 200 that is cut off where the end of the connection is the end of the body",
    server: write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"status":"OK","resu', { end: true }),
    says: notJson,
  },
  { fault: "a 204", server: answer(204, ""), says: "204, but there is no result in the answer" },
  { fault: "a 304", server: answer(304, ""), says: "304, but redirects are not followed: the key goes nowhere else" },
  { fault: "a status that HTTP does not know", server: answer(600, "{}"), says: "600, but HTTP knows no such status" },
  ...Object.entries({
    "no body": ["", "200, but the body is empty"],
    "broken JSON": ['{"status":"OK","result":', notJson],
    "JSON and then some more": ['{"status":"OK","result":{"chats":[]}}{}', notJson],
    null: ["null", noResult],
    "a list": ["[]", noResult],
    "an empty object": ["{}", noResult],
    "a text": ['"OK"', noResult],
    "a number": ["5", noResult],
    "no result": ['{"status":"OK"}', noResult],
    "a result that is null": ['{"status":"OK","result":null}', noResult],
    "a result that is a list": ['{"status":"OK","result":[]}', noResult],
    "a result without chats": ['{"status":"OK","result":{}}', noChats],
    "chats that are null": ['{"status":"OK","result":{"chats":null}}', noChats],
    "chats that are no list": ['{"status":"OK","result":{"chats":{}}}', noChats],
    "a chatId of 2^53": [pageWith("9007199254740992"), rounded("result.chats[1].chatId")],
    "a chatId of 2^53 + 1": [pageWith("9007199254740993"), rounded("result.chats[1].chatId")],
    "a chatId of 2^63 − 1": [pageWith("9223372036854775807"), rounded("result.chats[1].chatId")],
    "a chatId of 400 digits": [pageWith("9".repeat(400)), rounded("result.chats[1].chatId")],
    "an orderId beyond 2^53 in a context": [
      '{"result":{"chats":[{"chatId":1,"context":{"type":"ORDER","orderId":9007199254740993}}]}}',
      rounded("result.chats[0].context.orderId"),
    ],
  }).map(([what, [body = "", says = ""]]) => ({ fault: `a 200 with ${what}`, server: answer(200, body), says })),
].map(({ fault, server, says }) => ({
  fault,
  server,
  gets: { type: ResponseError, status: Number(says.slice(0, 3)), says },
  isRetried: false,
}));

const errorsWith200 = Object.entries<[string, ApiErrorDetail[], string]>({
  "with a reason": [
    '{"status":"ERROR","errors":[{"code":"A","message":"one"}]}',
    [{ code: "A", message: "one" }],
    "200 A: one",
  ],
  "without a reason": ['{"status":"ERROR"}', [], "200 without a reason in the answer"],
  "and a result all the same": ['{"status":"ERROR","result":{"chats":[]}}', [], "200 without a reason in the answer"],
}).map(([what, [body, errors, says]]): Row => ({
  fault: `a 200 with the status ERROR ${what}`,
  server: answer(200, body),
  gets: { type: ApiError, status: 200, errors, says },
  isRetried: false,
}));

interface Quota {
  /** What the Market says of its own clock. */
  date: string | undefined;
  /** What it says of when the quota is renewed. */
  until: string | undefined;
}

/** A 420, with what it says of the time worked out when it is sent. */
function limit(message: string, remaining: number, quota: () => Quota): Deed {
  return (response, request) => {
    const { date, until } = quota();
    response.sendDate = false;
    answerError(420, "METHOD_FAILURE", message, {
      ...(date !== undefined && { Date: date }),
      "X-RateLimit-Resource-Limit": "10000",
      "X-RateLimit-Resource-Remaining": String(remaining),
      ...(until !== undefined && { "X-RateLimit-Resource-Until": until }),
    })(response, request);
  };
}

/** An HTTP date so many milliseconds from now, by a clock that is this much ahead. */
function httpDate(milliseconds: number, clockAhead = 0): string {
  return new Date(Date.now() + clockAhead + milliseconds).toUTCString();
}

const clocks = { "": 0, ", by a clock five hours fast": 5 * hour, ", by a clock five hours slow": -5 * hour };

/** The dates that come with a 420, and what they mean for the time when the quota is renewed. */
const quotas: { what: string; quota: () => Quota; renewsIn: number | undefined }[] = [
  ...Object.entries(clocks).flatMap(([clock, ahead]) => [
    {
      what: `renewed in two seconds${clock}`,
      quota: () => ({ date: httpDate(0, ahead), until: httpDate(2 * second, ahead) }),
      renewsIn: 2 * second,
    },
    {
      what: `renewed in an hour${clock}`,
      quota: () => ({ date: httpDate(0, ahead), until: httpDate(hour, ahead) }),
      renewsIn: hour,
    },
    {
      what: `renewed an hour ago${clock}`,
      quota: () => ({ date: httpDate(0, ahead), until: httpDate(-hour, ahead) }),
      renewsIn: undefined,
    },
  ]),
  {
    what: "renewed in an hour, on the wrong day of the week",
    quota: () => ({
      date: httpDate(0),
      until: httpDate(hour).replace(/^\w+/, (day) => (day === "Mon" ? "Tue" : "Mon")),
    }),
    renewsIn: hour,
  },
  {
    what: "renewed in an hour, without a Date",
    quota: () => ({ date: undefined, until: httpDate(hour) }),
    renewsIn: hour,
  },
  {
    what: "renewed in an hour, with a malformed Date",
    quota: () => ({ date: "today", until: httpDate(hour) }),
    renewsIn: hour,
  },
  { what: "renewed nobody knows when", quota: () => ({ date: httpDate(0), until: undefined }), renewsIn: undefined },
  ...[
    "",
    "soon",
    "0",
    String(Date.UTC(2100, 0)),
    "2100-01-01T00:00:00Z",
    "Fri, 01 Xyz 2100 00:00:00 GMT",
    "Fri, 01 Jan 2100 99:99:99 GMT",
  ].map((until) => ({
    what: `renewed ${JSON.stringify(until)}`,
    quota: () => ({ date: httpDate(0), until }),
    renewsIn: undefined,
  })),
];

const limits = quotas.flatMap(({ what, quota, renewsIn }): Row[] => {
  const limited = (message: string, retryIn?: number): Failure => ({
    type: RateLimitError,
    status: 420,
    errors: [{ code: "METHOD_FAILURE", message }],
    says: `420 METHOD_FAILURE: ${message}`,
    ...(retryIn !== undefined && { retryIn }),
  });
  const parallel = "Hit rate limit of 4 parallel requests for businessId 123456";
  const usedUp = "Hit rate limit of 10000 requests per '1 hours' for resource 'POST /chats'";
  return [
    {
      fault: `a 420 for too many requests at once, with a quota ${what}`,
      server: limit(parallel, 7, quota),
      gets: limited(parallel),
      isRetried: true,
    },
    {
      fault: `a 420 for a quota that is ${what}`,
      server: limit(usedUp, 0, quota),
      gets: limited(usedUp, renewsIn),
      isRetried: renewsIn !== hour,
      ...(renewsIn !== undefined && { pause: [renewsIn, renewsIn] }),
    },
  ];
});

const redirects = [301, 302, 303, 307, 308].flatMap((status) =>
  Object.entries<() => string | undefined>({
    "to another origin": () => `${scene.elsewhere.baseUrl}/v2/businesses/123456/chats`,
    "to the same origin": () => `${scene.wire.baseUrl}/v2/businesses/123456/chats`,
    "without a scheme": () => scene.elsewhere.baseUrl.replace("http:", ""),
    "to nowhere": () => undefined,
    "to nonsense": () => "http://[",
  }).map(([where, location]): Row => ({
    fault: `a ${status} ${where}`,
    server: later(() => redirect(status, location())),
    gets: {
      type: ResponseError,
      status,
      says: `${status}, but redirects are not followed: the key goes nowhere else`,
    },
    isRetried: false,
  })),
);

// Not a word of what was thrown: it may hold the key, and nobody could tell.
const keyUnknown: Failure = {
  type: MarketError,
  says: "the apiKey function threw; what it threw is not shown, as it may hold the key",
};

const badKey: Failure = { type: MarketError, says: /^apiKey must be the token from the cabinet/ };

const keys = Object.entries<[() => unknown, Failure]>({
  "that throws": [
    () => {
      throw new Error("the vault is shut");
    },
    keyUnknown,
  ],
  "that rejects": [() => Promise.reject(new Error("the vault is shut")), keyUnknown],
  "that returns a key with a line break": [() => `${apiKey}\n`, badKey],
  "that returns two headers": [() => `${apiKey}\r\nHost: elsewhere`, badKey],
  "that returns an empty text": [() => "", badKey],
  "that returns nothing": [() => undefined, badKey],
  "that returns bytes": [() => Buffer.from(apiKey), badKey],
}).map(([what, [misbehave, gets]]): Row => ({
  fault: `an apiKey function ${what}`,
  options: () => ({ apiKey: faultyKey(misbehave) }),
  gets,
  isRetried: false,
  requests: 0,
}));

/** A function that misbehaves for as long as the scene wants it to. Its type is not what it is, as in JavaScript. */
function faultyKey(misbehave: () => unknown): ApiKey {
  return (() => {
    scene.faultyKeys -= 1;
    return scene.faultyKeys >= 0 ? misbehave() : sleep(5, apiKey);
  }) as () => Promise<string>;
}

const hangingKey: Row = {
  fault: "an apiKey function that hangs",
  options: () => ({
    apiKey: faultyKey(() => {
      setImmediate(() => scene.clock.expire());
      return new Promise(() => {});
    }),
  }),
  gets: timedOut,
  isRetried: true,
  requests: 0,
};

const faults: Row[] = [
  ...connections,
  ...statuses,
  ...badRequests,
  ...wrongBodies,
  ...errorsWith200,
  ...limits,
  ...redirects,
  ...keys,
  hangingKey,
];

/** A client with a place for one request, which may make one more attempt; and the pauses before those. */
async function clientFor({ options }: Pick<Row, "options">): Promise<{ market: ChatsClient; pauses: number[] }> {
  const pauses: number[] = [];
  const market = createChatsClient({
    apiKey,
    businessId,
    baseUrl: scene.wire.baseUrl,
    concurrency: 1,
    maxRetries: 1,
    onAttempt: ({ retryInMs }) => void (retryInMs !== undefined && pauses.push(retryInMs)),
    ...(await options?.()),
  });
  return { market, pauses };
}

function expectFailure(error: unknown, { gets, isRetried, isUnsent = false }: Row): void {
  const { type, says, status, errors, retryIn, code } = gets;
  const attempts = isUnsent ? 0 : isRetried ? 2 : 1;
  expect(error).toBeInstanceOf(type);
  const { constructor, name, message, cause } = error as Error;
  expect(constructor).toBe(type);
  expect(name).toBe(type.name);
  if (!(error instanceof MarketError)) {
    expect(message).toMatch(says);
    return;
  }
  const [, words] = /^getChats: (.*?)(?: \(after 2 attempts\))?$/s.exec(message) ?? [];
  expect(words).toEqual(typeof says === "string" ? says : expect.stringMatching(says));
  expect(message.endsWith(" (after 2 attempts)")).toBe(attempts === 2);
  expect(error).toMatchObject({ attempts, pageToken: firstToken });
  expect("status" in error ? error.status : undefined).toBe(status);
  expect("errors" in error ? error.errors : undefined).toEqual(errors);
  if (retryIn !== undefined) {
    expect(Math.abs(Number("retryAt" in error && error.retryAt) - Date.now() - retryIn)).toBeLessThan(60 * second);
  } else {
    expect("retryAt" in error ? error.retryAt : undefined).toBeUndefined();
  }
  expect(cause instanceof Error).toBe(constructor === ConnectionError);
  if (code !== undefined) {
    expect(codesOf(error)).toContainEqual(expect.stringMatching(code));
  }
}

/** The codes of the runtime that an error and its causes have. */
function codesOf(error: unknown): string[] {
  return error instanceof Error ? [...("code" in error ? [String(error.code)] : []), ...codesOf(error.cause)] : [];
}

/** Nothing is left that would keep a process alive, grow, hang, or turn up later. */
async function expectNothingLeft(): Promise<void> {
  expect(scene.clock.pending).toBe(0);
  expect(getEventListeners(scene.signal, "abort")).toEqual([]);
  await scene.wire.idle();
  await nextTurn();
  expect(unhandled).toEqual([]);
  expect(scene.elsewhere.requests).toEqual([]);
}

describe("a fault that lasts", () => {
  it.each(faults)("$fault", async (row) => {
    const { wire, signal } = scene;
    const { server, isRetried, pause = [250, 500], requests: perAttempt = 1, isForGood = false } = row;
    wire.script = [server ?? healthy];
    scene.faultyKeys = Infinity;
    const { market, pauses } = await clientFor(row);

    const error = await rejectionOf(market.getChats({}, { pageToken: firstToken, signal }));

    expectFailure(error, row);
    expect(wire.requests).toHaveLength(isRetried ? 2 * perAttempt : perAttempt);
    expect(pauses).toHaveLength(isRetried ? 1 : 0);
    for (const milliseconds of pauses) {
      expect(milliseconds).toBeGreaterThanOrEqual(pause[0]);
      expect(milliseconds).toBeLessThanOrEqual(pause[1]);
    }
    await expectNothingLeft();

    // The client's only place has been given back.
    wire.script = [healthy];
    scene.faultyKeys = 0;
    const next = market.getChat(2);
    await (isForGood ? expect(next).rejects.toThrow(ConnectionError) : expect(next).resolves.toEqual(allChats[1]));
  });
});

describe("a fault that passes", () => {
  it.each(faults.filter(({ isForGood }) => isForGood !== true))("$fault", async (row) => {
    const { wire, signal } = scene;
    const { server, isRetried, requests: perAttempt = 1 } = row;
    wire.script = server === undefined ? [healthy] : [server, healthy];
    scene.faultyKeys = 1;
    const { market } = await clientFor(row);
    const options = { pageToken: firstToken, signal, prefetch: true };
    const listing = collect(market.listChats({}, options));

    if (isRetried) {
      expect(await listing).toEqual(allChats);
      expect(wire.requests).toHaveLength(perAttempt + 2);
    } else {
      const error = await rejectionOf(listing);
      expectFailure(error, row);
      expect(wire.requests).toHaveLength(perAttempt);
      // As another process would go on. What is no MarketError is no matter of a page.
      const pageToken = error instanceof MarketError ? error.pageToken : firstToken;
      const { market: another } = await clientFor({});
      expect(await collect(another.listChats({}, { ...options, pageToken }))).toEqual(allChats);
    }
    await expectNothingLeft();
  });
});

describe("an abort", () => {
  interface Stage {
    readonly stage: string;
    readonly script: Deed[];
    readonly options?: () => Partial<ChatsClientOptions>;
    /** Fails for the abort. */
    readonly call?: (market: ChatsClient) => Promise<unknown>;
    readonly requests: number;
  }

  const soon = () => void setImmediate(() => scene.abort());

  /** Ends the pause that comes after the attempt. */
  const inThePause = () => ({ onAttempt: () => queueMicrotask(() => scene.abort()) });

  const quotaIsOut: Deed = (response, request) => {
    response.setHeader("X-RateLimit-Resource-Remaining", "0");
    response.setHeader("X-RateLimit-Resource-Until", httpDate(30 * second));
    healthy(response, request);
  };

  /** Goes through the pages, and aborts when it has got the first. */
  async function abortOnFirstPage(pages: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of pages) {
      scene.abort();
    }
  }

  it.each<Stage>([
    {
      stage: "before the call",
      script: [healthy],
      call(market) {
        scene.abort();
        return market.getChats({}, { signal: scene.signal });
      },
      requests: 0,
    },
    {
      stage: "before a listing is iterated",
      script: [healthy],
      call(market) {
        const listing = market.listChats({}, { signal: scene.signal });
        scene.abort();
        return collect(listing);
      },
      requests: 0,
    },
    {
      stage: "in the queue",
      script: [stall, healthy],
      async call(market) {
        const inTheWay = market.getChat(1);
        const queued = market.getChats({}, { signal: scene.signal });
        soon();
        await queued.finally(() => {
          scene.clock.expire();
          return inTheWay;
        });
      },
      requests: 2,
    },
    {
      stage: "in the wait for a quota",
      script: [quotaIsOut],
      async call(market) {
        await market.getChats();
        soon();
        await market.getChats({}, { signal: scene.signal });
      },
      requests: 1,
    },
    {
      stage: "while the key is asked for",
      script: [healthy],
      options: () => ({
        apiKey() {
          soon();
          return new Promise(() => {});
        },
      }),
      requests: 0,
    },
    {
      stage: "by the function that is asked for the key",
      script: [healthy],
      options: () => ({
        apiKey() {
          scene.abort();
          return apiKey;
        },
      }),
      requests: 0,
    },
    { stage: "in flight", script: [() => scene.abort()], requests: 1 },
    {
      stage: "in the body",
      script: [andAtHead(halfway(stall), () => scene.abort())],
      options: () => ({ fetch: watchedFetch }),
      requests: 1,
    },
    { stage: "in a pause", script: [answerError(503, "A", "")], options: inThePause, requests: 1 },
    {
      stage: "in a pause for a quota",
      script: [
        limit("Hit rate limit of 5 requests per hour", 0, () => ({ date: undefined, until: httpDate(5 * second) })),
      ],
      options: inThePause,
      requests: 1,
    },
    {
      stage: "between pages",
      script: [healthy],
      call: (market) => abortOnFirstPage(market.listChats({}, { signal: scene.signal }).pages()),
      requests: 1,
    },
    {
      stage: "between pages, of which the next is on its way",
      script: [healthy, () => scene.abort()],
      async call(market) {
        for await (const _ of market.listChats({}, { signal: scene.signal, prefetch: true }).pages()) {
          await once(scene.signal, "abort");
        }
      },
      requests: 2,
    },
    {
      stage: "between pages, of which the next waits in a pause",
      script: [healthy, answerError(503, "A", "")],
      options: () => ({ onAttempt: ({ retryInMs }) => void (retryInMs !== undefined && queueMicrotask(scene.abort)) }),
      async call(market) {
        for await (const _ of market.listChats({}, { signal: scene.signal, prefetch: true }).pages()) {
          await once(scene.signal, "abort");
        }
      },
      requests: 2,
    },
  ])("$stage", async ({ script, options, call, requests }) => {
    const { wire, signal } = scene;
    wire.script = script;
    const { market } = await clientFor(options === undefined ? {} : { options });

    const aborted = call?.(market) ?? market.getChats({}, { pageToken: firstToken, signal });

    expect(await rejectionOf(aborted)).toBe(reason);
    expect(wire.requests).toHaveLength(requests);
    await expectNothingLeft();
  });
});

describe("a listing", () => {
  /** Each page has one chat, and leads to the page that the map names for its token; the first one's is "". */
  const book =
    (pages: Record<string, unknown>): Deed =>
    (response, request) => {
      const token = request.url.searchParams.get("page_token") ?? "";
      const chats = [aChat(Object.keys(pages).indexOf(token) + 1)];
      answerJson(200, { status: "OK", result: { chats, paging: { nextPageToken: pages[token] } } })(response, request);
    };

  const comesRound = "200, but paging.nextPageToken comes round again: the listing would not end";
  const isNoText = "200, but paging.nextPageToken is not a text that can be sent back";

  it.each<
    [
      string,
      Record<string, unknown>,
      string | undefined,
      { says: string; pageToken: string | undefined; seen: number[] },
    ]
  >([
    ["that leads to itself", { "": "A", A: "A" }, undefined, { says: comesRound, pageToken: "A", seen: [1] }],
    [
      "that leads to the one before",
      { "": "A", A: "B", B: "A" },
      undefined,
      { says: comesRound, pageToken: "B", seen: [1, 2] },
    ],
    ["that leads to where it began", { A: "B", B: "A" }, "A", { says: comesRound, pageToken: "B", seen: [1] }],
    ["that is a number", { "": 5 }, undefined, { says: isNoText, pageToken: undefined, seen: [] }],
    ["that is half a character", { "": "A", A: "\ud83d" }, undefined, { says: isNoText, pageToken: "A", seen: [1] }],
  ])(
    "with a page token %s ends with an error, and leaves nothing behind",
    async (_, pages, start, { says, ...expected }) => {
      const { wire, signal } = scene;
      wire.script = [book(pages)];
      const { market } = await clientFor({});
      const seen: number[] = [];
      const listing = async () => {
        for await (const { chatId } of market.listChats({}, { signal, pageToken: start, prefetch: true })) {
          seen.push(chatId);
        }
      };
      const error = await rejectionOf(listing());
      expect(error).toBeInstanceOf(ResponseError);
      expect(error).toMatchObject({ message: `getChats: ${says}`, status: 200, pageToken: expected.pageToken });
      expect(seen).toEqual(expected.seen);
      expect(wire.requests).toHaveLength(expected.seen.length + 1);
      await expectNothingLeft();
    },
  );

  it.each([false, true])(
    "that is left costs nothing more, and leaves nothing behind: prefetch %s",
    async (prefetch) => {
      const { wire, signal } = scene;
      wire.script = [healthy, stall];
      const { market } = await clientFor({});
      for await (const _ of market.listChats({}, { signal, prefetch })) {
        break;
      }
      await expectNothingLeft();
      expect(wire.requests.length).toBeLessThanOrEqual(prefetch ? 2 : 1);
    },
  );
});

describe("a quota that an answer has used up", () => {
  it("for longer than the caller waits: the next call is not sent", async () => {
    const { wire, signal } = scene;
    wire.script = [
      (response, request) => {
        response.setHeader("X-RateLimit-Resource-Remaining", "0");
        response.setHeader("X-RateLimit-Resource-Until", httpDate(hour));
        healthy(response, request);
      },
    ];
    const { market } = await clientFor({});
    await market.getChats({}, { signal });
    const error = await rejectionOf(market.getChats({}, { signal, pageToken: firstToken }));
    expectFailure(error, {
      fault: "",
      gets: {
        type: RateLimitError,
        status: 420,
        errors: [],
        says: "not sent: the quota is used up for longer than maxRateLimitWait",
        retryIn: hour,
      },
      isRetried: false,
      isUnsent: true,
    });
    expect(wire.requests).toHaveLength(1);
    await expectNothingLeft();
  });
});

describe("a key", () => {
  it.each([`${apiKey}\n`, `${apiKey}\r\nHost: elsewhere`, ` ${apiKey}`, `Bearer ${apiKey}`, "", "ключ"])(
    "like %j makes no client",
    async (key) => {
      const { wire } = scene;
      wire.script = [healthy];
      expect(() => createChatsClient({ apiKey: key, businessId, baseUrl: wire.baseUrl })).toThrow("apiKey must be");
      expect(wire.requests).toEqual([]);
    },
  );

  it("that takes its time is waited for", async () => {
    const { wire, signal } = scene;
    wire.script = [healthy];
    const { market } = await clientFor({ options: () => ({ apiKey: () => sleep(50, apiKey) }) });
    expect(await market.getChat(2, { signal })).toEqual(allChats[1]);
    expect(wire.requests).toHaveLength(1);
    await expectNothingLeft();
  });

  it("that comes after the timeout is not sent any more", async () => {
    const { wire, clock, signal } = scene;
    wire.script = [healthy];
    let bring: (key: string) => void = () => {};
    const { market } = await clientFor({
      options: () => ({
        apiKey: () => new Promise((resolve) => (bring = resolve)),
        maxRetries: 0,
      }),
    });
    const rejection = rejectionOf(market.getChat(2, { signal }));
    await nextTurn();
    clock.expire();
    expect(await rejection).toBeInstanceOf(TimeoutError);
    bring(apiKey);
    await sleep(50);
    expect(wire.requests).toEqual([]);
    await expectNothingLeft();
  });
});

describe("a single chat", () => {
  it.each([{}, { chats: [aChat(1)] }, { ...aChat(1), chatId: "1" }, { ...aChat(1), chatId: null }])(
    "is not what the Market answers with the result %j",
    async (result) => {
      const { wire, signal } = scene;
      wire.script = [answerJson(200, { status: "OK", result })];
      const { market } = await clientFor({});
      const error = await rejectionOf(market.getChat(1, { signal }));
      expect(error).toBeInstanceOf(ResponseError);
      expect(wire.requests).toHaveLength(1);
      await expectNothingLeft();
    },
  );
});

describe("a raw call", () => {
  const path = "/v2/businesses/{businessId}/chat";
  const params = { path: { businessId }, query: { chatId: 1 } };

  // A balancer that speaks Russian; fetch decodes it as UTF-8, and `new Response` will have none of it.
  it.each([
    [200, "Хорошо"],
    [404, "Не найдено"],
    [200, "O\u0001K"],
  ])("is answered in spite of the status line %i %s", async (status, words) => {
    const { wire, signal } = scene;
    const body = JSON.stringify({ status: "OK", result: aChat(1) });
    wire.script = [write(`HTTP/1.1 ${status} ${words}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)];
    const { market } = await clientFor({});
    const { data, error, response } = await market.api.GET(path, { params, signal });
    expect(response.status).toBe(status);
    expect(data ?? error).toEqual(JSON.parse(body));
    await expectNothingLeft();
  });
});

describe("a process", () => {
  it("ends by itself after its last call, whatever became of it", async () => {
    const { wire } = scene;
    const script = `
      import { createChatsClient } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
      const [baseUrl, apiKey] = ${JSON.stringify([wire.baseUrl, apiKey])};
      const market = createChatsClient({ apiKey, businessId: 1, baseUrl, timeout: 600_000 });
      const aborted = new AbortController();
      setTimeout(() => aborted.abort(), 500);
      const calls = [
        market.getChat(1),
        market.getChat(2, { maxRetries: 0 }),
        market.getChat(3, { maxRetries: 0 }),
        market.getChat(4, { timeout: 500, maxRetries: 0 }),
        market.getChat(5, { signal: aborted.signal }),
        (async () => { for await (const page of market.listChats({}, { prefetch: true }).pages()) break; })(),
      ];
      const outcomes = calls.map((call) => call.then(() => "an answer", ({ name }) => name));
      console.log((await Promise.all(outcomes)).join(", "));
    `;
    const deeds = [stall, healthy, answerHtml(503), halfway(reset), stall, stall];
    wire.script = [
      (response, request) => {
        const { searchParams } = request.url;
        const isFirstPage = !searchParams.has("chatId") && !searchParams.has("page_token");
        const deed = isFirstPage ? healthy : deeds[Number(searchParams.get("chatId"))];
        deed?.(response, request);
      },
    ];
    const run = promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
      timeout: 100_000, // Far less than what any of its timers would keep it alive for.
    });
    await expect(run).resolves.toMatchObject({
      stdout: "an answer, ApiError, ConnectionError, TimeoutError, AbortError, an answer\n",
    });
  }, 120_000);
});
