import { abortable, throwIfAborted } from "./abort.js";
import { createQueue, type Queue } from "./queue.js";
import { createQuota, isExhausted, permitsRequest, type Quota, updateQuota } from "./quota.js";
import type { ParsedResponse } from "./response.js";

/** An operation: its quota, and the calls that wait to send a request. */
interface Gate {
  readonly quota: Quota;
  readonly queue: Queue<LimitedCall>;
}

/** A call, through all its attempts. */
export interface LimitedCall {
  readonly gate: Gate;
  readonly signal: AbortSignal | undefined;
  /** Position in the order of arrival. A retry keeps it. */
  readonly arrival: number;
  hasSlot: boolean;
  /** Number of the latest request that the call has sent. */
  requestNumber: number;
  /** Milliseconds for which rate limits delay the call in total, up to `delayedUntil`. */
  rateLimitWait: number;
  delayedUntil: number;
  /** Ends the wait of the call: it has a slot, or rate limits would delay it too long. */
  resume(isPermitted: boolean): void;
}

/**
 * Limits the number of concurrent requests, and holds back the calls whose quota is exhausted. A call holds one of
 * `concurrency` slots while it sends a request. Rate limits may delay a call for `maxWait` milliseconds in total.
 */
export function createLimiter(concurrency: number, maxWait: number) {
  const gates = new Map<string, Gate>();
  let arrivals = 0;
  let requests = 0;
  let slotsTaken = 0;
  /** Permitted number of concurrent requests: less than `concurrency` while other processes use the cabinet. */
  let limit = concurrency;
  let requestsWhenHalved = 0;
  let resetTimer: ReturnType<typeof setTimeout> | undefined;

  /** Lets calls send their requests while there are slots, in order of arrival. */
  function dispatch(): void {
    for (let call = findNext(); call !== undefined && slotsTaken < Math.floor(limit); call = findNext()) {
      call.gate.queue.removeFirst();
      call.gate.quota.inFlight += 1;
      slotsTaken += 1;
      requests += 1;
      call.hasSlot = true;
      call.requestNumber = requests;
      call.resume(true);
    }
    setResetTimer();
  }

  /** Returns the waiting call that arrived first, of those whose quota permits a request. */
  function findNext(): LimitedCall | undefined {
    let next: LimitedCall | undefined;
    for (const { quota, queue } of gates.values()) {
      while (queue.first?.signal?.aborted) queue.removeFirst();
      const { first } = queue;
      if (first === undefined || !permitsRequest(quota)) continue;
      if (next === undefined || first.arrival < next.arrival) next = first;
    }
    return next;
  }

  /** Calls `dispatch` when the next quota resets that calls wait for. */
  function setResetTimer(): void {
    clearTimeout(resetTimer);
    const closed = [...gates.values()].filter(
      ({ quota, queue }) => queue.first !== undefined && !permitsRequest(quota),
    );
    if (closed.length === 0) return;
    const { quota } = closed.reduce((first, gate) => (gate.quota.resetsAt < first.quota.resetsAt ? gate : first));
    const reset = () => {
      quota.resetsAt = 0; // Whatever the clock says: it may have been set back.
      dispatch();
    };
    resetTimer = setTimeout(reset, quota.resetsAt - Date.now());
  }

  /** Adds a delay by rate limits to the total of the call. Returns false if the call must not wait so long. */
  function addWait(call: LimitedCall, until: number): boolean {
    const wait = call.rateLimitWait + Math.max(0, until - Math.max(Date.now(), call.delayedUntil));
    if (wait > maxWait) return false;
    call.rateLimitWait = wait;
    call.delayedUntil = Math.max(until, call.delayedUntil);
    return true;
  }

  function release(call: LimitedCall): void {
    if (!call.hasSlot) return;
    call.hasSlot = false;
    call.gate.quota.inFlight -= 1;
    slotsTaken -= 1;
    dispatch();
  }

  /** Adapts to other processes: additive increase, multiplicative decrease once per burst of rejected requests. */
  function adaptLimit({ requestNumber }: LimitedCall, { response, exceededLimit }: ParsedResponse): void {
    if (exceededLimit === "concurrency") {
      if (requestNumber <= requestsWhenHalved) return;
      limit = Math.max(1, limit / 2);
      requestsWhenHalved = requests;
    } else if (response.status <= 404) {
      // A 404 too shows that the limit permits the request. An overloaded server responds with 408, 429 or 5xx.
      limit = Math.min(concurrency, limit + 1 / limit);
    }
  }

  return {
    /** Creates the record of a call. Calls of the same operation share a quota. */
    createCall(operation: string, signal: AbortSignal | undefined): LimitedCall {
      const gate = gates.get(operation) ?? { quota: createQuota(), queue: createQueue() };
      gates.set(operation, gate);
      arrivals += 1;
      const counters = { hasSlot: false, requestNumber: 0, rateLimitWait: 0, delayedUntil: 0 };
      return { gate, signal, arrival: arrivals, ...counters, resume: () => undefined };
    },

    /**
     * Waits until the call may send a request, and takes a slot for it. Rejects with the abort reason of the signal.
     *
     * @returns Whether the request is permitted. False if rate limits would delay the call too long.
     */
    async acquire(call: LimitedCall): Promise<boolean> {
      throwIfAborted(call.signal);
      const { quota, queue } = call.gate;
      if (isExhausted(quota) && !addWait(call, quota.resetsAt)) return false;
      queue.add(call);
      release(call); // If it still holds a slot. Not earlier: a call that arrived later would get it.
      dispatch();
      if (call.hasSlot) return true;
      return abortable<boolean>(call.signal, (resolve) => {
        call.resume = resolve;
        return () => {
          if (call.signal?.aborted) dispatch(); // Leaves no timer for a call that does not wait any more.
        };
      });
    },

    /** Returns the slot of the call, if it holds one. */
    release,

    /** Adapts the limits to what a response reports. */
    update(call: LimitedCall, response: ParsedResponse): void {
      const { quota, queue } = call.gate;
      adaptLimit(call, response);
      updateQuota(quota, response, concurrency);
      if (isExhausted(quota)) {
        queue.removeWhere((waiting) => {
          const mayWait = addWait(waiting, quota.resetsAt);
          if (!mayWait) waiting.resume(false);
          return !mayWait;
        });
      }
      dispatch();
    },

    /**
     * Returns the milliseconds until the next request of the call: the delay, or longer if its quota is exhausted. Returns
     * undefined if rate limits would delay the call too long.
     *
     * @param isRateLimit - Whether the delay is due to a rate limit.
     */
    planRetry(call: LimitedCall, delay: number, isRateLimit: boolean): number | undefined {
      const { quota } = call.gate;
      const now = Date.now();
      const retryAt = isExhausted(quota) ? Math.max(now + delay, quota.resetsAt) : now + delay;
      if ((isRateLimit || isExhausted(quota)) && !addWait(call, retryAt)) return undefined;
      return retryAt - now;
    },
  };
}
