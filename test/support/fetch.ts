/** A scripted `fetch` in place of the Market, for tests of policy: it answers from a list and remembers what came. */
import {
  type Chat,
  type ChatsClient,
  type ChatsClientOptions,
  createChatsClient,
  type Fetch,
} from "../../src/index.js";

/** A request as it reached `fetch`. */
export interface SentRequest {
  readonly method: string | undefined;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: RequestInit["body"];
  readonly redirect: RequestInit["redirect"];
  readonly signal: AbortSignal;
  /** `performance.now()` at that time: under fake timers the differences are the pauses. */
  readonly at: number;
}

/** What a request gets. A function, since a response can be read only once. */
export type Reply = (request: SentRequest) => Response | Promise<Response>;

export interface ScriptedFetch {
  readonly fetch: Fetch;
  readonly requests: SentRequest[];
}

/** The last reply goes to every further request. */
export function scriptedFetch(...replies: [Reply, ...Reply[]]): ScriptedFetch {
  const requests: SentRequest[] = [];
  return {
    requests,
    fetch: async (url, { method, headers, body, redirect, signal }) => {
      if (typeof url !== "string" || !signal) {
        throw new Error("each attempt is meant to be a plain fetch of an address, with a signal");
      }
      const request: SentRequest = {
        method,
        url: new URL(url),
        headers: new Headers(headers),
        body,
        redirect,
        signal,
        at: performance.now(),
      };
      const reply = replies[requests.push(request) - 1] ?? replies.at(-1)!;
      return reply(request);
    },
  };
}

/** A key of the documented form: the Market's own sample, which is not live. */
export const apiKey = "ACMA:I4c4CxCSYaI41RSC2uYWP2qj3Rhhm4knMiBEga5K:151c0664";
export const businessId = 123456;

/** A client that is answered with the replies. */
export function marketWith(
  replies: [Reply, ...Reply[]],
  options: Partial<ChatsClientOptions> = {},
): { market: ChatsClient; requests: SentRequest[] } {
  const { fetch, requests } = scriptedFetch(...replies);
  return { market: createChatsClient({ apiKey, businessId, fetch, ...options }), requests };
}

export function aChat(chatId: number): Chat {
  return {
    chatId,
    type: "CHAT",
    status: "NEW",
    context: { type: "DIRECT" },
    createdAt: "2025-09-17T10:00:00+03:00",
    updatedAt: "2025-09-17T11:00:00+03:00",
  };
}

/** An answer with a text as it is, JSON or not. */
export function answers(text: string, init: ResponseInit = {}): Reply {
  const headers = new Headers(init.headers);
  if (!headers.has("Content-Type")) {
    headers.set("Content-Type", "application/json");
  }
  return () => new Response(text === "" ? null : text, { ...init, headers });
}

export function answersJson(body: unknown, init?: ResponseInit): Reply {
  return answers(JSON.stringify(body), init);
}

export function answersChat(chatId: number, headers: Record<string, string> = {}): Reply {
  return answersJson({ status: "OK", result: aChat(chatId) }, { headers });
}

/** A page with the chats of these IDs. */
export function answersPage(chatIds: number[], nextPageToken?: string): Reply {
  const paging = nextPageToken === undefined ? {} : { nextPageToken };
  return answersJson({ status: "OK", result: { chats: chatIds.map(aChat), paging } });
}

/** An error in the documented form, without a list of reasons if there is no code. */
export function answersError(
  status: number,
  code?: string,
  message?: string,
  headers: Record<string, string> = {},
): Reply {
  return answersJson({ status: "ERROR", ...(code && { errors: [{ code, message }] }) }, { status, headers });
}

/** A robot check as the balancer sends it. */
export function answersHtml(status: number): Reply {
  return answers("<!doctype html><title>Are you a robot?</title>", {
    status,
    headers: { "Content-Type": "text/html; charset=utf-8" },
  });
}

/** No answer, as `fetch` reports a connection that was reset. */
export const isReset: Reply = () => {
  throw new TypeError("fetch failed", {
    cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
  });
};

/** An answer that does not come until the request is aborted, which `fetch` reports with the signal's reason. */
export const hangs: Reply = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** An answer that never comes, from a `fetch` that takes no notice of its signal. */
export const isDeaf: Reply = () => new Promise(() => {});

/** An answer whose head comes and whose body stays away, whatever the signal says. */
export const stallsInBody: Reply = () => new Response(new ReadableStream());

/** The Market's quota headers, by a clock that is `clockAhead` milliseconds ahead of this machine's. */
export function quotaHeaders({ remaining = 0, limit = 1000, renewsIn = 0, clockAhead = 0 }): Record<string, string> {
  const marketNow = Date.now() + clockAhead;
  return {
    Date: new Date(marketNow).toUTCString(),
    "X-RateLimit-Resource-Limit": String(limit),
    "X-RateLimit-Resource-Remaining": String(remaining),
    "X-RateLimit-Resource-Until": new Date(marketNow + renewsIn).toUTCString(),
  };
}
