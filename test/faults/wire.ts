/** A server that does what it is told, as badly as that may be, and remembers what it was asked. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { aChat } from "../support/fetch.js";
import { serve } from "../support/http.js";

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** What the server does with a request. */
export type Deed = (response: ServerResponse, request: WireRequest) => void;

export interface Wire extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: WireRequest[];
  /** One deed for each request to come. The last one is done for all that follow. */
  script: Deed[];
  /** Resolves when no request is open any more: each has been answered, or its connection has gone. */
  idle(): Promise<unknown>;
}

export async function startWire(...script: Deed[]): Promise<Wire> {
  const requests: WireRequest[] = [];
  const endings: Promise<unknown>[] = [];
  const server = await serve(async (incoming, response) => {
    endings.push(once(response, "close"));
    const { method = "", headers } = incoming;
    const chunks: Buffer[] = await incoming.toArray().catch(() => []);
    const body = Buffer.concat(chunks).toString();
    const request = { method, url: new URL(incoming.url ?? "", server.baseUrl), headers, body };
    requests.push(request);
    const deed = wire.script.length > 1 ? wire.script.shift() : wire.script[0];
    deed?.(response, request);
  });
  const wire: Wire = {
    baseUrl: server.baseUrl,
    requests,
    script,
    idle: () => Promise.all(endings),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return wire;
}

/** Where nobody listens. */
export async function deadUrl(): Promise<string> {
  await using server = await serve(() => {});
  return server.baseUrl;
}

type Headers = Record<string, string>;

/** Answers with a text as it is. */
export function answer(status: number, text: string, headers: Headers = { "Content-Type": "application/json" }): Deed {
  return (response) => response.writeHead(status, headers).end(text);
}

export function answerJson(status: number, body: unknown, headers: Headers = {}): Deed {
  return answer(status, JSON.stringify(body), { "Content-Type": "application/json", ...headers });
}

/** An error as the Market documents it. */
export function answerError(status: number, code: string, message: string, headers: Headers = {}): Deed {
  return answerJson(status, { status: "ERROR", errors: [{ code, message }] }, headers);
}

export function answerHtml(status: number, text = "<!doctype html><title>Are you a robot?</title>"): Deed {
  return answer(status, text, { "Content-Type": "text/html; charset=utf-8" });
}

export function redirect(status: number, location: string | undefined): Deed {
  return answer(status, "", location === undefined ? {} : { Location: location });
}

/** Puts these bytes on the wire, HTTP or not, and then ends the connection if it is told to. */
export function write(text: string, { end = false } = {}): Deed {
  return ({ socket }) => void (end ? socket?.end(text) : socket?.write(text));
}

/** Ends the connection without a word. */
export const hangUp: Deed = ({ socket }) => void socket?.destroy();

/** The same, impolitely. */
export const reset: Deed = ({ socket }) => void socket?.resetAndDestroy();

export const stall: Deed = () => {};

const aHalf = '{"status":"OK","result":{"chats":[{"chatId":1,"sta';

/** Sends the first half of a body and then does something else than sending the second one. */
export function halfway(then: Deed, headers: Headers = { "Content-Length": "1000" }): Deed {
  return (response, request) => {
    response.writeHead(200, { "Content-Type": "application/json", ...headers });
    response.write(aHalf, () => then(response, request));
  };
}

/** The chats of `healthy`, two on the first page and one on the last. */
export const allChats = [1, 2, 3].map(aChat);

export const firstToken = "the first page's? & 100% / ü + =";
const lastToken = "the last page's";

/** A Market in good health: three chats on two pages, and each of them alone. */
export const healthy: Deed = (response, request) => {
  const { searchParams, pathname } = request.url;
  const result = pathname.endsWith("/chat")
    ? allChats.find(({ chatId }) => chatId === Number(searchParams.get("chatId")))
    : searchParams.get("page_token") === lastToken
      ? { chats: allChats.slice(2) }
      : { chats: allChats.slice(0, 2), paging: { nextPageToken: lastToken } };
  answerJson(200, { status: "OK", result })(response, request);
};
