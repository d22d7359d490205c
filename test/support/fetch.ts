/** Replaces the global `fetch` in tests of the client's policy. What the wire does is tested with the mock server. */
import { type Attempt, type Chat, type ChatsClientOptions, createChatsClient, type Fetch } from "../../src/index.js";

/** A request as it was passed to `fetch`. */
export interface SentRequest {
  readonly url: URL;
  readonly init: RequestInit;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  /** Milliseconds since the first request. */
  readonly at: number;
}

/** Returns the response to a request. */
export type Respond = (request: SentRequest) => Response | Promise<Response>;

/** Creates a `fetch` that responds with the items of a list, and with the last one to every further request. */
export function scriptedFetch(...responses: readonly Respond[]) {
  const requests: SentRequest[] = [];
  let startedAt: number | undefined;
  const fetch: Fetch = async (url, init) => {
    const at = performance.now() - (startedAt ??= performance.now());
    const headers = new Headers(init.headers);
    const request = { url: new URL(url), init, headers, signal: init.signal as AbortSignal, at };
    const respond = responses[requests.push(request) - 1] ?? responses.at(-1);
    if (respond === undefined) throw new Error("no response is scripted");
    return respond(request);
  };
  return { fetch, requests };
}

/** The sample key of the API's documentation. It is not valid. */
export const apiKey = "ACMA:I4c4CxCSYaI41RSC2uYWP2qj3Rhhm4knMiBEga5K:151c0664";
export const businessId = 123456;

/** Creates a client, and records its requests and attempts. */
export function createTestClient(responses: readonly Respond[], options: Partial<ChatsClientOptions> = {}) {
  const { fetch, requests } = scriptedFetch(...responses);
  const attempts: Attempt[] = [];
  const onAttempt = (attempt: Attempt) => void attempts.push(attempt);
  const market = createChatsClient({ apiKey, businessId, fetch, onAttempt, ...options });
  return { market, requests, attempts };
}

export function createChat(chatId: number): Chat {
  return {
    chatId,
    type: "CHAT",
    status: "NEW",
    context: { type: "DIRECT" },
    createdAt: "2025-09-17T10:00:00+03:00",
    updatedAt: "2025-09-17T11:00:00+03:00",
  };
}

export function text(body: string, init: ResponseInit = {}): Respond {
  const headers = { "Content-Type": "application/json", ...init.headers };
  return () => new Response(body || null, { ...init, headers });
}

export function json(body: unknown, init?: ResponseInit): Respond {
  return text(JSON.stringify(body), init);
}

/** Responds with the requested chat. */
export function chat(headers: Record<string, string> = {}): Respond {
  return (request) => {
    const result = createChat(Number(request.url.searchParams.get("chatId")));
    return json({ status: "OK", result }, { headers })(request);
  };
}

export function page(chatIds: number[], nextPageToken?: string, headers: Record<string, string> = {}): Respond {
  return json({ status: "OK", result: { chats: chatIds.map(createChat), paging: { nextPageToken } } }, { headers });
}

/** Responds with an error in the documented format. */
export function apiError(status: number, message?: string, headers: Record<string, string> = {}): Respond {
  return json({ status: "ERROR", errors: [{ code: "CODE", message }] }, { status, headers });
}

/** Responds that too many requests are sent concurrently. */
export const congestion = apiError(420, "Hit rate limit of 4 parallel requests for businessId 123456");

export const html = text("<!doctype html><title>Robot check</title>", { headers: { "Content-Type": "text/html" } });

/** Rejects as `fetch` does after a connection is reset. */
export const connectionReset: Respond = () => {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  throw new TypeError("fetch failed", { cause });
};

/** Does not respond until the request is aborted. */
export const noResponse: Respond = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

/** Does not respond, and ignores that the request is aborted. */
export const noResponseIgnoringSignal: Respond = () => new Promise(() => undefined);

/** Responds with headers and without a body. */
export const noBody: Respond = () => new Response(new ReadableStream());

export function delayed(milliseconds: number, respond: Respond): Respond {
  return async (request) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return respond(request);
  };
}

export function quotaHeaders({ remaining = 0, resetsIn = 0 }): Record<string, string> {
  return {
    Date: new Date().toUTCString(),
    "X-RateLimit-Resource-Limit": "1000",
    "X-RateLimit-Resource-Remaining": String(remaining),
    "X-RateLimit-Resource-Until": new Date(Date.now() + resetsIn).toUTCString(),
  };
}
