import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Chat } from "../generated/types.js";
import { answer } from "./answers.js";
import { deliver, pause } from "./delivery.js";
import { checkFault, type Fault, type FaultMatch, type QueuedFault, takeFault } from "./faults.js";
import { createGate, type Gate } from "./gate.js";
import { createListing } from "./listing.js";
import type { Market } from "./market.js";
import { checkServerOptions, type MarketServerOptions } from "./options.js";
import { createQuota } from "./quota.js";
import { receiveBody, type ReceivedRequest, receiveHead } from "./received.js";

/** A Market on this machine. It goes into `createChatsClient` as it is: the first three properties are its options. */
export interface MarketServer extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:49152`. */
  readonly baseUrl: string;
  /** The key that it accepts. */
  readonly apiKey: string;
  /** The cabinet that it has. */
  readonly businessId: number;
  /**
   * The chats of the cabinet, in the order in which they are listed. Add some, change some, take some away: the next
   * answer is made from what is here then. A listing under way goes on behind the last chat that it has seen, so that
   * it neither skips nor repeats a chat because others have been added before it.
   */
  readonly chats: Chat[];
  /**
   * Every request so far, in the order of arrival, without keys. It grows for as long as the server runs: for millions
   * of requests empty it now and then, with `requests.length = 0`.
   */
  readonly requests: ReceivedRequest[];
  /** The most requests that were in flight at once. */
  readonly peakParallel: number;
  /**
   * Makes something go wrong with the next request, or with the next one that matches. Faults that are for the same
   * request have their turns in the order in which they were queued, one request each. A fault comes before everything
   * else, the key check included.
   *
   * @example
   * ```ts
   * server.queueFault({ kind: "status", status: 503 });
   * server.queueFault({ kind: "cut", where: "body" }, { operation: "getChat", times: 3 });
   * ```
   * @param fault - What goes wrong.
   * @param match - Which requests it is for, and how many; the next one, if left out. It waits until there is one.
   * @returns What takes the fault out of the queue again, if it is still there.
   * @throws TypeError or RangeError if the fault is none.
   */
  queueFault(fault: Fault, match?: FaultMatch): () => void;
  /**
   * Ends every connection at once, those with requests under way too, and stops listening. After that nothing of the
   * server keeps the process alive. `await using` calls it. May be called more than once.
   */
  close(): Promise<void>;
}

/**
 * Starts a Market on this machine, for tests of code that talks to it: the Market has no sandbox.
 *
 * It knows the two operations, with filters, paging, limits and errors as they are documented, and what it can be told
 * to do wrong. A page token belongs to its filter and limit: with others, a request gets 400, `Bad page token`.
 *
 * @example
 * ```ts
 * await using server = await startMarketServer({ chats: 100 });
 * const market = createChatsClient(server);
 * server.queueFault({ kind: "status", status: 500 });
 * for await (const chat of market.listChats()) { … } // goes through, with one retry
 * ```
 * @param options - Chats, key, limits, latency: everything has a default.
 * @throws TypeError or RangeError that names the option, if one is wrong; what `listen` throws, if the port is taken.
 */
export async function startMarketServer(options: MarketServerOptions = {}): Promise<MarketServer> {
  const { chats, apiKey, businessId, quota, quotaPeriod, parallelLimit, latency, clockOffset, port } =
    checkServerOptions(options);
  const state: State = {
    market: {
      businessId,
      parallelLimit,
      listing: createListing(chats),
      quotas: { getChats: createQuota(quota.getChats, quotaPeriod), getChat: createQuota(quota.getChat, quotaPeriod) },
    },
    apiKey,
    latency,
    clockOffset,
    gate: createGate(parallelLimit),
    faults: [],
    requests: [],
    handling: new Set(),
  };
  const server = createServer((incoming, response) => {
    const handling: Promise<void> = handle(state, incoming, response)
      .catch((error: unknown) => {
        // Thrown by what a test handed in: a `when`, or a chat that JSON cannot hold. It goes on as an unhandled
        // rejection, with its stack, so that nobody overlooks it.
        incoming.socket.destroy();
        throw error;
      })
      .finally(() => state.handling.delete(handling));
    state.handling.add(handling);
  });
  // An idle connection stays open until the client or `close` ends it. If the server did, a request that is just being
  // sent would be lost, and somebody's test would fail once in a while.
  server.keepAliveTimeout = 0;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");

  return {
    baseUrl: `http://127.0.0.1:${portOf(server)}`,
    apiKey,
    businessId,
    chats,
    requests: state.requests,
    get peakParallel() {
      return state.gate.peak;
    },
    queueFault(fault, match = {}) {
      const queued = checkFault(fault, match);
      state.faults.push(queued);
      return () => {
        state.faults = state.faults.filter((other) => other !== queued);
      };
    },
    close: () => close(server, state),
    [Symbol.asyncDispose]: () => close(server, state),
  };
}

/** What it takes to handle a request. */
interface State {
  readonly market: Market;
  readonly apiKey: string;
  readonly latency: number;
  readonly clockOffset: number;
  readonly gate: Gate;
  faults: QueuedFault[];
  readonly requests: ReceivedRequest[];
  /** The calls of `handle` that have not come to their end. */
  readonly handling: Set<Promise<void>>;
}

async function handle(state: State, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { socket } = incoming;
  const request = receiveHead(incoming, state.apiKey);
  state.requests.push(request);
  const { isAdmitted, leave } = state.gate.enter();
  const onEnd = () => {
    socket.off("close", onEnd);
    leave();
    if (request.outcome === "pending") {
      request.outcome = "abandoned";
    }
  };
  response.on("close", onEnd);
  socket.on("close", onEnd);

  if (!(await receiveBody(incoming, request, state.apiKey))) {
    return;
  }
  const fault = takeFault(state.faults, request);
  request.fault = fault?.kind;
  const delay = fault?.kind === "delay" && fault.where !== "body" ? fault.milliseconds : 0;
  if (!(await pause(socket, state.latency)) || !(await pause(socket, delay))) {
    return;
  }
  if (fault?.kind === "cut") {
    request.outcome = "cut";
    if (fault.where === "before") {
      socket.destroy();
      return;
    }
  }
  // From here to the first byte nothing waits: what the headers tell of the quota is true when they leave.
  const now = Date.now() + state.clockOffset;
  const made = answer(state.market, { request, isAdmitted, now }, fault);
  request.status = made.status;
  await deliver(response, made, fault, () => {
    leave();
    request.outcome = "answered";
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new TypeError("the server does not listen on a port");
  }
  return address.port;
}

async function close(server: Server, { handling }: State): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
  // So that the log is as it stays. Whatever one of them throws is seen without our help.
  await Promise.allSettled(handling);
}
