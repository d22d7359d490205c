/** Real connections: servers that break off or do not speak HTTP, and bodies that end too early, too late, or never. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createGzip } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Attempt,
  type ChatsClientOptions,
  ConnectionError,
  createChatsClient,
  ResponseError,
  TimeoutError,
} from "../src/index.js";
import { startClock } from "./support/clock.js";
import { apiKey, businessId, createChat } from "./support/fetch.js";
import { getCodes, getError } from "./support/promises.js";

let server: Server | undefined;

afterEach(() => void server?.close());

/** Starts a server that responds with the items of a list, one per connection, and with the last one to all others. */
async function createWireClient(responses: ((socket: Socket) => unknown)[], options: Partial<ChatsClientOptions> = {}) {
  const attempts: Attempt[] = [];
  let connections = 0;
  server = createServer((socket) => {
    const respond = responses[(connections += 1) - 1] ?? responses.at(-1);
    socket.on("error", () => undefined).once("data", () => respond?.(socket));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const baseUrl = `http://127.0.0.1:${port}`;
  const onAttempt = (attempt: Attempt) => void attempts.push(attempt);
  return { market: createChatsClient({ apiKey, businessId, baseUrl, onAttempt, ...options }), attempts };
}

const waitForClose = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

const head = (...headers: string[]) => ["HTTP/1.1 200 OK", "Connection: close", ...headers, "", ""].join("\r\n");
const json = "Content-Type: application/json";
const body = JSON.stringify({ status: "OK", result: createChat(1) });
const complete = (socket: Socket) => socket.end(head(json, `Content-Length: ${body.length}`) + body);

describe("a server", () => {
  const closed = /^(ECONNRESET|UND_ERR_SOCKET)$/;
  it.each([
    ["closes the connection", "", closed],
    ["closes the connection in the head", "HTTP/1.1 200 OK\r\nContent-Type: appli", closed],
    ["closes the connection in the body", `${head("Content-Length: 9")}{`, /^UND_ERR_/],
    ["sends another protocol", "SSH-2.0-OpenSSH_9.6\r\n", /^HPE_INVALID_CONSTANT$/],
    ["sends an endless header", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(20_000)}`, /^UND_ERR_HEADERS_OVERFLOW$/],
    ["sends an invalid chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n", /^HPE_/],
    ["switches protocols", "HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", closed],
    [
      "does not compress the body as declared",
      `${head("Content-Encoding: gzip", "Content-Length: 10")}plain text`,
      /^Z_DATA_ERROR$/,
    ],
    ["is a proxy that requires authentication", "HTTP/1.1 407 X\r\nContent-Length: 0\r\n\r\n", undefined],
  ])("that %s leads to a ConnectionError, and the next call succeeds", async (_, bytes, code) => {
    const options = { maxRetries: 0, concurrency: 1 };
    const { market } = await createWireClient([(socket) => socket.end(bytes), complete], options);
    const error = await getError(market.getChat(1), ConnectionError);
    if (code) expect(getCodes(error)).toContainEqual(expect.stringMatching(code));
    expect(await market.getChat(1)).toEqual(createChat(1));
  });

  it("that cannot be reached leads to a ConnectionError with the code of the system", async () => {
    const { market: refused } = await createWireClient([], { maxRetries: 0 });
    server?.close();
    expect(getCodes(await getError(refused.getChat(1), ConnectionError))).toEqual(["ECONNREFUSED"]);
    const unknown = createChatsClient({ apiKey, businessId, baseUrl: "https://no-such-host.invalid", maxRetries: 0 });
    const codes = getCodes(await getError(unknown.getChat(1), ConnectionError));
    expect(codes).toEqual([expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/)]);
  });

  it("sees the connection closed when the signal aborts", async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> | undefined;
    const silent = (socket: Socket) => {
      closed = waitForClose(socket);
      controller.abort("enough");
    };
    const { market } = await createWireClient([silent]);
    await expect(market.getChat(1, { signal: controller.signal })).rejects.toBe("enough");
    await closed;
  });

  it.each([
    [200, "Хорошо"],
    [404, "O\u0001K"],
  ])("may have the status line %i %j", async (status, phrase) => {
    const headers = `Content-Length: ${body.length}\r\nConnection: close`;
    const response = `HTTP/1.1 ${status} ${phrase}\r\n${headers}\r\n\r\n${body}`;
    const { market } = await createWireClient([(socket) => socket.end(response)]);
    const params = { path: { businessId }, query: { chatId: 1 } };
    const { data, error, response: received } = await market.api.GET("/v2/businesses/{businessId}/chat", { params });
    expect([received.status, data ?? error]).toEqual([status, JSON.parse(body)]);
  });
});

describe("a body", () => {
  it("that ends with the connection is read completely", async () => {
    const { market } = await createWireClient([(socket) => socket.end(head(json) + body)]);
    expect(await market.getChat(1)).toEqual(createChat(1));
  });

  it.each<[string, string]>([
    ["without a length", head(json) + body.slice(0, 60)],
    ["without a length and a type", head() + body.slice(0, 60)],
    ["without a length, before the last character", head(json) + body.slice(0, -1)],
    ["with a length", head(json, `Content-Length: ${body.length}`) + body.slice(0, 60)],
    ["without a length, before the first character", head(json)],
    ["without a length, after white space", `${head(json)}\n ${body.slice(0, 60)}`],
    ["in chunks", `${head(json, "Transfer-Encoding: chunked")}3c\r\n${body.slice(0, 60)}\r\n`],
    [
      "in chunks, with another spelling",
      `${head(json, "Transfer-Encoding: chunked").replace("close", "Close")}3c\r\n${body.slice(0, 60)}\r\n`,
    ],
  ])("that is truncated is requested again: %s", async (_, truncated) => {
    using _clock = startClock(); // The delay of the retry ends immediately.
    const { market, attempts } = await createWireClient([(socket) => socket.end(truncated), complete]);
    expect(await market.getChat(1)).toEqual(createChat(1));
    expect(attempts.map(({ error }) => (error as Error | undefined)?.name)).toEqual(["ConnectionError", undefined]);
  });

  it.each([
    ["HTML", head("Content-Type: text/html") + "<html>"],
    ["invalid JSON with a length", head(json, "Content-Length: 9") + '{"result"'],
  ])("that is not documented is not requested again: %s", async (_, response) => {
    const { market, attempts } = await createWireClient([(socket) => socket.end(response)]);
    await getError(market.getChat(1), ResponseError);
    expect(attempts).toHaveLength(1);
  });

  const endless = (socket: Socket) => {
    const write = () => void (socket.writable && socket.write("1".repeat(65_536), write));
    socket.write(`${head(json)}[`, write);
  };
  const decompressed = (socket: Socket) => {
    const gzip = createGzip();
    const write = () => void (socket.writable && gzip.write(Buffer.alloc(65_536), write));
    socket.write(head(json, "Content-Encoding: gzip"));
    gzip.pipe(socket);
    write();
  };

  it.each([
    ["endless", endless],
    ["endless when decompressed", decompressed],
  ])("that is %s is rejected after 10 MB, and the connection is closed", async (_, respond) => {
    let closed: Promise<unknown> | undefined;
    const { market, attempts } = await createWireClient([
      (socket) => {
        closed = waitForClose(socket);
        respond(socket);
      },
    ]);
    const error = await getError(market.getChat(1), ResponseError);
    expect(error).toMatchObject({ status: 200, attempts: 1 });
    expect(error.message).toContain("larger than 10 MB");
    expect(attempts).toMatchObject([{ status: 200, error }]);
    await closed;
  });

  it.each([
    ["endless", 5],
    ["silent", 600_000],
  ])("that is %s ends at the timeout and closes the connection if fetch ignores its signal", async (_, interval) => {
    let closed: Promise<unknown> | undefined;
    const drip = (socket: Socket) => {
      const timer = setInterval(() => socket.write(" "), interval);
      closed = waitForClose(socket).finally(() => clearInterval(timer));
      socket.write(`${head(json)}{`);
    };
    const ignoringSignal = (url: string, { signal: _, ...init }: RequestInit) => fetch(url, init);
    const options = { fetch: ignoringSignal, timeout: 100, maxRetries: 0 };
    const { market } = await createWireClient([drip], options);
    await getError(market.getChat(1), TimeoutError);
    await closed;
  });
});
