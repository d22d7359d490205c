import { abortable, throwIfAborted } from "./abort.js";
import { createGate, type Gate } from "./gate.js";
import type { ParsedResponse } from "./response.js";

/** A call, through all its attempts. */
export interface LimitedCall {
  readonly gate: Gate<LimitedCall>;
  readonly signal: AbortSignal | undefined;
  /** Position in the order of arrival. A retry keeps it. */
  readonly arrival: number;
  hasSlot: boolean;
  /** Number of the latest request that the call has sent. */
  requestNumber: number;
  /** Milliseconds for which rate limits delay the call in total. Delays up to `chargedUntil` are included. */
  rateLimitWait: number;
  chargedUntil: number;
  /** Ends the wait of the call: it has a slot, or rate limits would delay it too long. */
  resume?: (isPermitted: boolean) => void;
}

/**
 * Limits the number of concurrent requests, and holds back the calls whose quota is exhausted. A call holds one of
 * `concurrency` slots while it sends a request, and after congestion until its retry. Rate limits may delay a call for
 * `maxWait` milliseconds in total.
 */
export function createLimiter(concurrency: number, maxWait: number) {
  const gates = new Map<string, Gate<LimitedCall>>();
  let arrivals = 0;
  let requests = 0;
  let slotsTaken = 0;
  /** Permitted number of slots, with a fraction: less than `concurrency` while other processes use the cabinet. */
  let limit = concurrency;
  let requestsWhenHalved = 0;
  let resetTimer: ReturnType<typeof setTimeout> | undefined;

  /** Lets calls send their requests while there are slots, in order of arrival. */
  function dispatch(): void {
    for (let call = findNext(); call !== undefined && slotsTaken < Math.floor(limit); call = findNext()) {
      call.gate.startFirst();
      slotsTaken += 1;
      requests += 1;
      call.hasSlot = true;
      call.requestNumber = requests;
      call.resume?.(true);
    }
    clearTimeout(resetTimer);
    const closed = [...gates.values()].filter((gate) => gate.getFirst() !== undefined && !gate.isOpen());
    const [next] = closed.sort((one, other) => one.getResetTime() - other.getResetTime());
    if (next !== undefined) resetTimer = setTimeout(() => reopen(next), next.getResetTime() - Date.now());
  }

  /** Returns the waiting call that arrived first, of those whose gate is open. */
  function findNext(): LimitedCall | undefined {
    let next: LimitedCall | undefined;
    for (const gate of gates.values()) {
      const first = gate.isOpen() ? gate.getFirst() : undefined;
      if (first !== undefined && (next === undefined || first.arrival < next.arrival)) next = first;
    }
    return next;
  }

  function reopen(gate: Gate<LimitedCall>): void {
    gate.open();
    dispatch();
  }

  /**
   * Adds a delay by rate limits to the total of the call. Returns false, and adds nothing, if the total would be too
   * long.
   */
  function tryAddWait(call: LimitedCall, until: number): boolean {
    const wait = call.rateLimitWait + Math.max(0, until - Math.max(Date.now(), call.chargedUntil));
    if (wait > maxWait) return false;
    call.rateLimitWait = wait;
    call.chargedUntil = Math.max(until, call.chargedUntil);
    return true;
  }

  /** Gives back the slot of the call, if it holds one. */
  function release(call: LimitedCall): void {
    if (!call.hasSlot) return;
    call.hasSlot = false;
    call.gate.endRequest();
    slotsTaken -= 1;
    dispatch();
  }

  function updateLimits(call: LimitedCall, received: ParsedResponse): void {
    const { gate } = call;
    adaptLimit(call, received);
    gate.update(received);
    if (!gate.isExhausted()) return;
    const refused = gate.removeWhere((waiting) => !tryAddWait(waiting, gate.getResetTime()));
    refused.forEach((waiting) => waiting.resume?.(false));
  }

  /** Adapts to other processes: additive increase, multiplicative decrease once per burst of rejected requests. */
  function adaptLimit({ requestNumber }: LimitedCall, { response, exceededLimit }: ParsedResponse): void {
    if (exceededLimit === "concurrency") {
      if (requestNumber <= requestsWhenHalved) return;
      limit = Math.max(1, limit / 2);
      requestsWhenHalved = requests;
    } else if (response.status <= 404) {
      // Up to 404, a status is no sign of overload. Higher ones are, such as 408, 429 and 5xx.
      limit = Math.min(concurrency, limit + 1 / limit);
    }
  }

  return {
    /** Creates the record of a call. Calls of the same operation share a quota. */
    createCall(operation: string, signal: AbortSignal | undefined): LimitedCall {
      const gate = gates.get(operation) ?? createGate<LimitedCall>(concurrency);
      gates.set(operation, gate);
      return {
        gate,
        signal,
        arrival: (arrivals += 1),
        hasSlot: false,
        requestNumber: 0,
        rateLimitWait: 0,
        chargedUntil: 0,
      };
    },

    /**
     * Waits until the call may send a request, and takes a slot for it. Rejects with the abort reason of the signal.
     *
     * @returns Whether the request is permitted. False if rate limits would delay the call too long.
     */
    async acquire(call: LimitedCall): Promise<boolean> {
      throwIfAborted(call.signal);
      if (call.gate.isExhausted() && !tryAddWait(call, call.gate.getResetTime())) return false;
      call.gate.add(call);
      release(call); // The slot kept after congestion. Before `add`, a call that arrived later would get it.
      dispatch();
      if (call.hasSlot) return true;
      return abortable<boolean>(call.signal, (resolve) => {
        call.resume = resolve;
        return () => {
          if (call.signal?.aborted) dispatch(); // Leaves no timer for a call that does not wait any more.
        };
      });
    },

    release,

    /**
     * Ends a request: adapts the limits to the response, and gives back the slot. After congestion the call keeps its
     * slot until it is released or acquires the next one: another request would add to the congestion.
     */
    endRequest(call: LimitedCall, received: ParsedResponse | undefined): void {
      if (received !== undefined) updateLimits(call, received);
      // The quota may have changed, and with it the next reset.
      if (received?.exceededLimit === "concurrency") dispatch();
      else release(call);
    },

    /**
     * Adds the delay before a retry to the wait of the call. Returns the milliseconds until its next request: the
     * delay, or longer if its quota is exhausted. Returns undefined if rate limits would delay the call too long.
     *
     * @param countsAsWait - Whether the delay counts toward the time for which rate limits may delay the call.
     */
    planRetry(call: LimitedCall, delay: number, countsAsWait: boolean): number | undefined {
      const now = Date.now();
      const resetTime = call.gate.isExhausted() ? call.gate.getResetTime() : 0;
      const retryAt = Math.max(now + delay, resetTime);
      return tryAddWait(call, countsAsWait ? retryAt : resetTime) ? retryAt - now : undefined;
    },
  };
}
