import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Chat } from "../generated/types.js";
import { type FaultMatch, queueFault } from "./fault-queue.js";
import type { Fault } from "./faults.js";
import { readServerOptions, type MarketServerOptions } from "./options.js";
import { processRequest } from "./process-request.js";
import type { ReceivedRequest } from "./request-log.js";
import { createServerState } from "./state.js";

/** A mock server. Pass it to `createChatsClient`: the first three properties are options of the client. */
export interface MarketServer extends AsyncDisposable {
  /** Base URL of the server: `http://127.0.0.1:49152`. */
  readonly baseUrl: string;
  /** API key that the server accepts. */
  readonly apiKey: string;
  /** ID of the cabinet (business account) that the server has. */
  readonly businessId: number;
  /**
   * Chats of the cabinet, in the order in which they are listed. Add, change, or remove chats at any time: the next
   * response reflects the change. A listing contains the chats that existed when it started, each one once.
   */
  readonly chats: Chat[];
  /**
   * All received requests in the order of arrival, without keys. The array grows as long as the server runs. To clear
   * it, set `requests.length = 0`.
   */
  readonly requests: ReceivedRequest[];
  /** Maximum number of requests that were in flight concurrently. */
  readonly peakParallel: number;
  /**
   * Injects a fault into the next request, or into the next matching requests. If several queued faults match a
   * request, the one queued first is applied. A fault is applied before all checks, including the key check.
   *
   * @example
   * ```ts
   * server.queueFault({ kind: "status", status: 503 });
   * server.queueFault({ kind: "cut", where: "body" }, { operation: "getChat", times: 3 });
   * ```
   * @param fault - The fault to inject.
   * @param match - Requests that the fault applies to, and their number. By default, the next request.
   * @returns A function that removes the fault from the queue. Does nothing if the fault is no longer queued.
   * @throws TypeError or RangeError if the fault is invalid.
   */
  queueFault(fault: Fault, match?: FaultMatch): () => void;
  /**
   * Closes all connections immediately, including those with requests in flight, and stops listening. Afterwards, the
   * server does not keep the process alive. Called by `await using`. May be called more than once.
   */
  close(): Promise<void>;
}

/**
 * Starts a mock server of the API, for tests of code that calls it. The API has no sandbox.
 *
 * It implements both operations with filters, pagination, limits, and errors as documented, and supports fault
 * injection. A page token is valid for its filter and limit, until 100 other listings have received one since.
 * Otherwise, the response is 400 `Bad page token`.
 *
 * @example
 * ```ts
 * await using server = await startMarketServer({ chats: 100 });
 * const market = createChatsClient(server);
 * server.queueFault({ kind: "status", status: 500 });
 * for await (const chat of market.listChats()) { … } // succeeds after one retry
 * ```
 * @param options - Chats, key, limits, latency. All options have defaults.
 * @throws TypeError or RangeError that names the invalid option. Rejects with the system error if the port is in use.
 */
export async function startMarketServer(options: MarketServerOptions = {}): Promise<MarketServer> {
  const settings = readServerOptions(options);
  const state = createServerState(settings);
  const { chats, apiKey, businessId, host } = settings;
  const processing = new Set<Promise<void>>();
  const server = createServer((incoming, outgoing) => {
    const request: Promise<void> = processRequest(state, incoming, outgoing)
      .catch((error: unknown) => {
        // Thrown by code of a test: a `when` or `onRequest` callback, or a chat that JSON cannot represent. It becomes
        // an unhandled rejection with its stack, so that it is noticed.
        incoming.socket.destroy();
        throw error;
      })
      .finally(() => processing.delete(request));
    processing.add(request);
  });
  // If the server closed idle connections, a request that is sent at that moment would fail, and with it a test.
  server.keepAliveTimeout = 0;
  server.listen(settings.port, host);
  await once(server, "listening");

  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    // After this, the recorded requests no longer change. An error of one of them has been reported above.
    await Promise.allSettled(processing);
  };
  return {
    baseUrl: getBaseUrl(server, host),
    apiKey,
    businessId,
    chats,
    requests: state.requests,
    get peakParallel() {
      return state.peakParallel;
    },
    queueFault: (fault, match) => queueFault(state.faults, fault, match),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Returns a URL that reaches the server: a server on all addresses is reached on the loopback address. */
function getBaseUrl(server: Server, host: string): string {
  const name = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined; // a string is the path of a pipe
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
