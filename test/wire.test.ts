/** Real connections: servers that break off or do not speak HTTP, and bodies that end too early, too late, or never. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createGzip } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import type { Attempt, ChatsClientOptions } from "../src/index.js";
import { ConnectionError, createChatsClient, ResponseError, TimeoutError } from "../src/index.js";
import { startClock } from "./support/clock.js";
import { apiKey, businessId, createChat } from "./support/fetch.js";
import { getCodes, getError } from "./support/promises.js";

let server: Server | undefined;

afterEach(() => void server?.close());

/** Starts a server that responds with the items of a list, one per connection, and with the last one to all others. */
async function createWireClient(responses: ((socket: Socket) => unknown)[], options: Partial<ChatsClientOptions> = {}) {
  const attempts: Attempt[] = [];
  const closings: Promise<unknown>[] = [];
  server = createServer((socket) => {
    const respond = responses[closings.length] ?? responses.at(-1);
    closings.push(new Promise((resolve) => socket.once("close", resolve)));
    socket.on("error", () => undefined).once("data", () => respond?.(socket));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const baseUrl = `http://127.0.0.1:${port}`;
  const onAttempt = (attempt: Attempt) => void attempts.push(attempt);
  const market = createChatsClient({ apiKey, businessId, baseUrl, onAttempt, ...options });
  return { market, attempts, waitForClose: () => Promise.all(closings) };
}

const head = (...headers: string[]) => ["HTTP/1.1 200 OK", "Connection: close", ...headers, "", ""].join("\r\n");
const json = "Content-Type: application/json";
const body = JSON.stringify({ status: "OK", result: createChat(1) });
const complete = (socket: Socket) => socket.end(head(json, `Content-Length: ${body.length}`) + body);

describe("a server", () => {
  const closed = /^(ECONNRESET|UND_ERR_SOCKET)$/;
  it.each([
    ["closes the connection", "", closed],
    ["closes the connection in the body", `${head("Content-Length: 9")}{`, /^UND_ERR_/],
    ["sends another protocol", "SSH-2.0-OpenSSH_9.6\r\n", /^HPE_INVALID_CONSTANT$/],
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
    const { market, waitForClose } = await createWireClient([() => controller.abort("enough")]);
    await expect(market.getChat(1, { signal: controller.signal })).rejects.toBe("enough");
    await waitForClose();
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

  it("that is invalid JSON, and not truncated, is not requested again", async () => {
    const response = head(json, "Content-Length: 9") + '{"result"';
    const { market, attempts } = await createWireClient([(socket) => socket.end(response)]);
    await getError(market.getChat(1), ResponseError);
    expect(attempts).toHaveLength(1);
  });

  it("that is endless when decompressed is rejected after 10 MB, and the connection is closed", async () => {
    const respond = (socket: Socket) => {
      const gzip = createGzip();
      const write = () => void (socket.writable && gzip.write(Buffer.alloc(65_536), write));
      socket.write(head(json, "Content-Encoding: gzip"));
      gzip.pipe(socket);
      write();
    };
    const { market, attempts, waitForClose } = await createWireClient([respond]);
    const error = await getError(market.getChat(1), ResponseError);
    expect(error.message).toBe("getChat: unexpected response (HTTP 200): the body is larger than 10 MB");
    expect(attempts).toMatchObject([{ status: 200, error }]);
    await waitForClose();
  });

  it("that is incomplete ends at the timeout and closes the connection if fetch ignores its signal", async () => {
    const ignoringSignal = (url: string, { signal: _, ...init }: RequestInit) => fetch(url, init);
    const options = { fetch: ignoringSignal, timeout: 100, maxRetries: 0 };
    const { market, waitForClose } = await createWireClient([(socket) => socket.write(`${head(json)}{`)], options);
    await getError(market.getChat(1), TimeoutError);
    await waitForClose();
  });
});
