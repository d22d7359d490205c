/** Received requests as they are recorded, without keys. */
import type { IncomingMessage } from "node:http";
import { apiKeyHeader } from "../generated/constants.js";
import type { Fault } from "./faults.js";
import { matchRoute, type Operation } from "./routing.js";

/** A request that the server has received, and its result. */
export interface ReceivedRequest {
  /** The operation that the path belongs to, regardless of the method. Undefined for any other path. */
  readonly operation: Operation | undefined;
  /** `POST`, `GET`, or another method that was sent. */
  readonly method: string;
  /** The path as it was sent, without the query: `/v2/businesses/123456/chats`. */
  readonly path: string;
  /** The decoded query. If a parameter was sent twice, its last value. */
  readonly query: Readonly<Record<string, string>>;
  /** The headers, with lowercase names. Headers that contain credentials are omitted. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the request had the server's key, another key, or none. The key itself is not recorded. */
  readonly key: "right" | "wrong" | "missing";
  /** Time at which the headers arrived, as of `Date.now()`. Not affected by `clockOffset`. */
  readonly receivedAt: number;
  /** Size of the body in bytes. */
  readonly bodySize: number;
  /** The parsed body, or a string if it is not JSON. Undefined if it is empty or larger than the API accepts. */
  readonly body: unknown;
  /** The fault that was applied. Undefined if there was none. */
  readonly fault: Fault["kind"] | undefined;
  /** Status of the response. Undefined until there is one. */
  readonly status: number | undefined;
  /**
   * - `pending`: the request is being processed.
   * - `answered`: the complete response was sent.
   * - `cut`: a fault closed the connection.
   * - `abandoned`: the connection was closed before the complete response was sent, by the client or by `close()`.
   */
  readonly outcome: "pending" | "answered" | "cut" | "abandoned";
  /** Time between the arrival of the headers and the end of the request, in milliseconds. Undefined until then. */
  readonly durationMs: number | undefined;
  /** Remaining quota of the operation after the response. Undefined until then, and for any other path. */
  readonly remaining: number | undefined;
}

/** A request that is being processed. */
export type PendingRequest = { -readonly [Name in keyof ReceivedRequest]: ReceivedRequest[Name] };

/** Maximum size of a request body. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits */
export const maxBodySize = 512 * 1024;

const credentialHeaders = [apiKeyHeader.toLowerCase(), "authorization", "proxy-authorization", "cookie"];

/** Creates the record of a request whose body has not arrived yet. */
export function createRecord(incoming: IncomingMessage, apiKey: string): PendingRequest {
  const redact = createRedactor(incoming, apiKey);
  const [path = "", query = ""] = (incoming.url ?? "").split(/\?(.*)/s, 2);
  const headers = Object.entries(incoming.headers).filter(([name]) => !credentialHeaders.includes(name));
  const key = getKey(incoming);
  return {
    operation: matchRoute(path)?.operation,
    method: incoming.method ?? "",
    path: redactEncoded(path, redact),
    query: Object.fromEntries([...new URLSearchParams(query)].map(([name, value]) => [redact(name), redact(value)])),
    headers: Object.fromEntries(headers.map(([name, value]) => [name, redactEncoded(String(value), redact)])),
    key: key === apiKey ? "right" : key === "" ? "missing" : "wrong",
    receivedAt: Date.now(),
    bodySize: 0,
    body: undefined,
    fault: undefined,
    status: undefined,
    outcome: "pending",
    durationMs: undefined,
    remaining: undefined,
  };
}

/** The reference page names the parameter `page_token`; the published OpenAPI files also name it `pageToken`. */
export function getPageToken({ query }: ReceivedRequest): string | undefined {
  return query["page_token"] ?? query["pageToken"];
}

function getKey(incoming: IncomingMessage): string {
  return String(incoming.headers[apiKeyHeader.toLowerCase()] ?? "");
}

type Redact = (text: string) => string;

/** Redacts the server's key and the received one, since a key that is wrong here may be valid elsewhere. */
function createRedactor(incoming: IncomingMessage, apiKey: string): Redact {
  // A short key is a placeholder in a test, and may be an ordinary word.
  const keys = [apiKey, getKey(incoming)].filter((key) => key.length >= 8);
  const forms = keys.flatMap((key) => [key, JSON.stringify(key).slice(1, -1)]);
  return (text) => forms.reduce((rest, key) => rest.replaceAll(key, "[Api-Key]"), text);
}

/** A key can be percent-encoded in many ways, so a text that contains one after decoding is recorded decoded. */
function redactEncoded(text: string, redact: Redact): string {
  const decoded = text.replace(/%[0-7][\da-f]/gi, decodeURIComponent);
  const redacted = redact(decoded);
  return redacted === decoded ? redact(text) : redacted;
}

/** Reads the body into the record. Resolves to false if the connection is closed before the end of the body. */
export async function recordBody(incoming: IncomingMessage, request: PendingRequest, apiKey: string): Promise<boolean> {
  const body = await readBody(incoming, maxBodySize);
  if (body !== undefined) {
    const redact = createRedactor(incoming, apiKey);
    request.bodySize = body.size;
    request.body = body.text === "" ? undefined : parseBody(body.text, redact);
  }
  return body !== undefined;
}

/** Reads a body. The text is empty if the body is larger than `maxSize`. */
export function readBody(incoming: IncomingMessage, maxSize: number) {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise<{ size: number; text: string } | undefined>((resolve) => {
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxSize) {
        chunks.push(chunk);
      }
    });
    incoming.on("end", () => resolve({ size, text: size <= maxSize ? Buffer.concat(chunks).toString() : "" }));
    incoming.on("close", () => resolve(undefined));
  });
}

function parseBody(text: string, redact: Redact): unknown {
  try {
    return JSON.parse(redact(JSON.stringify(JSON.parse(text)))); // JSON can escape a key in many ways, stringify in one
  } catch {
    return redactEncoded(text, redact); // not JSON, or nested too deeply
  }
}
