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

const keyHeader = apiKeyHeader.toLowerCase();

/** Headers that are not recorded. A test that prints its requests would print them, too. */
const credentialHeaders = [keyHeader, "authorization", "proxy-authorization", "cookie"];

/** Creates the record of a request whose body has not arrived yet. */
export function createRecord({ url = "", method = "", headers }: IncomingMessage, apiKey: string): PendingRequest {
  const [path = "", ...query] = url.split("?");
  const recorded = Object.entries(headers).filter(([name]) => !credentialHeaders.includes(name));
  return {
    operation: matchRoute(path)?.operation,
    method,
    path,
    query: Object.fromEntries(new URLSearchParams(query.join("?"))),
    headers: Object.fromEntries(recorded.map(([name, value]) => [name, String(value)])),
    key: compareKeys(headers[keyHeader], apiKey),
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

function compareKeys(received: unknown, expected: string): ReceivedRequest["key"] {
  if (!received) return "missing";
  return received === expected ? "right" : "wrong";
}

export function recordBody(request: PendingRequest, body: Buffer): void {
  request.bodySize = body.length;
  if (body.length > 0 && body.length <= maxBodySize) request.body = parseBody(body.toString());
}

function parseBody(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    JSON.stringify(body); // Throws if it is nested too deeply: `GET /_market/requests` could not return it.
    return body;
  } catch {
    return text;
  }
}

/** The reference page names the parameter `page_token`; the published OpenAPI files also name it `pageToken`. */
export const getPageToken = ({ query }: ReceivedRequest) => query["page_token"] ?? query["pageToken"];
