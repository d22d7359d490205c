/** What came in, written down so that a test can look at it: everything but the key. */
import type { IncomingMessage } from "node:http";
import { apiKeyHeader } from "../generated/constants.js";
import { isRecord } from "../options.js";
import type { Fault } from "./faults.js";
import { type Operation, routeOf } from "./routes.js";

/** A request as the server got it, and what became of it. */
export interface ReceivedRequest {
  /** The operation whose path it is, even if the method is another one. Undefined if it is no operation's path. */
  readonly operation: Operation | undefined;
  /** `POST`, `GET` or whatever was sent. */
  readonly method: string;
  /** The path as it was sent, without the query: `/v2/businesses/123456/chats`. */
  readonly path: string;
  /** The query, decoded. Of a parameter that was sent twice, the last value. */
  readonly query: Readonly<Record<string, string>>;
  /** The headers, with lower-case names. Without those that carry credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the request had for a key. The key itself is nowhere in here. */
  readonly key: "right" | "wrong" | "missing";
  /** When its head arrived, in milliseconds as of `Date.now()`, whatever `clockOffset` is. */
  readonly receivedAt: number;
  /** How many bytes the body had. */
  readonly bodySize: number;
  /** The body: parsed, or as text if it is not JSON. Undefined if there was none, or more than the Market accepts. */
  readonly body: unknown;
  /** Which fault it met. Undefined if none. */
  readonly fault: Fault["kind"] | undefined;
  /** The status of the answer. Undefined as long as there is none. */
  readonly status: number | undefined;
  /**
   * - `pending`: it is being worked on;
   * - `answered`: the whole answer was sent;
   * - `cut`: a fault cut the connection;
   * - `abandoned`: the connection went before the whole answer was sent, since the client hung up or the server closed.
   */
  readonly outcome: "pending" | "answered" | "cut" | "abandoned";
}

/** The same while the server is at work on it. */
export type OpenRequest = { -readonly [Name in keyof ReceivedRequest]: ReceivedRequest[Name] };

/** Request bodies may not be larger: https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits */
export const maxBodySize = 512 * 1024;

const credentialHeaders = [apiKeyHeader.toLowerCase(), "authorization", "proxy-authorization", "cookie"];

/** Writes down the head of a request. */
export function receiveHead(incoming: IncomingMessage, apiKey: string): OpenRequest {
  const redact = redactorOf(incoming, apiKey);
  const [path = "", query = ""] = (incoming.url ?? "").split(/\?(.*)/s, 2);
  const headers = Object.entries(incoming.headers).filter(([name]) => !credentialHeaders.includes(name));
  return {
    operation: routeOf(path)?.operation,
    method: incoming.method ?? "",
    path: redactEncoded(path, redact),
    query: Object.fromEntries([...new URLSearchParams(query)].map(([name, value]) => [redact(name), redact(value)])),
    headers: Object.fromEntries(headers.map(([name, value]) => [name, redactEncoded(String(value), redact)])),
    key: judgeKey(keyIn(incoming), apiKey),
    receivedAt: Date.now(),
    bodySize: 0,
    body: undefined,
    fault: undefined,
    status: undefined,
    outcome: "pending",
  };
}

function keyIn(incoming: IncomingMessage): string {
  return String(incoming.headers[apiKeyHeader.toLowerCase()] ?? "");
}

function judgeKey(key: string, apiKey: string): ReceivedRequest["key"] {
  return key === apiKey ? "right" : key === "" ? "missing" : "wrong";
}

type Redact = (text: string) => string;

/** Blots out the server's key and the one that came: a wrong one may be right somewhere else. */
function redactorOf(incoming: IncomingMessage, apiKey: string): Redact {
  // A short one stands in for a key in somebody's test, and may be an ordinary word.
  const keys = [apiKey, keyIn(incoming)].filter((key) => key.length >= 8);
  return (text) => keys.reduce((rest, key) => rest.replaceAll(key, "[Api-Key]"), text);
}

/** A key can be percent-encoded in many ways: a text that has one when it is decoded stays decoded. */
function redactEncoded(text: string, redact: Redact): string {
  const decoded = text.replace(/%[0-7][\da-f]/gi, decodeURIComponent);
  const redacted = redact(decoded);
  return redacted === decoded ? redact(text) : redacted;
}

/** In a body, names and texts may have been escaped in many ways: what is parsed has been unescaped. */
function redactAll(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") {
    return redact(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => redactAll(item, redact));
  }
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [redact(name), redactAll(item, redact)]))
    : value;
}

/** Reads the body into the request. Resolves to false if the connection goes before the body's end. */
export function receiveBody(incoming: IncomingMessage, request: OpenRequest, apiKey: string): Promise<boolean> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    incoming.on("data", (chunk: Buffer) => {
      request.bodySize += chunk.length;
      if (request.bodySize <= maxBodySize) {
        chunks.push(chunk);
      }
    });
    incoming.on("end", () => {
      if (request.bodySize > 0 && request.bodySize <= maxBodySize) {
        request.body = parse(Buffer.concat(chunks).toString(), redactorOf(incoming, apiKey));
      }
      resolve(true);
    });
    incoming.on("close", () => resolve(false));
  });
}

function parse(text: string, redact: Redact): unknown {
  try {
    return redactAll(JSON.parse(text), redact);
  } catch {
    return redactEncoded(text, redact); // no JSON, or nested so deep that nobody means it
  }
}
