import { abortable, throwIfAborted } from "./abort.js";
import { createQuota, type Quota } from "./quota.js";

/** The position of a call in the queue. A retry keeps it. */
export interface Place {
  readonly quota: Quota;
  readonly arrival: number;
  /** Milliseconds for which rate limits have delayed the call so far. */
  rateLimitWait: number;
  /** Number of the latest request that the call has sent. */
  requestNumber: number;
}

/** Limits the number of concurrent requests, and holds back those whose quota is exhausted. */
export function createLimiter(concurrency: number, maxWait: number) {
  const quotas = new Map<string, Quota>();
  /** In order of arrival. Those before `first` have been called: `shift` would copy a long array every time. */
  const waiting: { arrival: number; takeSlot: () => void }[] = [];
  let first = 0;
  let arrivals = 0;
  let requests = 0;
  let slotsTaken = 0;
  /** Number of slots taken by requests whose `fetch` ignores that they have been aborted. */
  let abandoned = 0;
  /** Allowed number of concurrent requests: less than `concurrency` while other processes use the cabinet. */
  let limit = concurrency;
  let requestsWhenHalved = 0;

  const hasFreeSlot = () => slotsTaken < concurrency && slotsTaken - abandoned < Math.floor(limit);

  function assignSlots(): void {
    while (first < waiting.length && hasFreeSlot()) {
      waiting[first]?.takeSlot();
      first += 1;
    }
    if (first <= waiting.length / 2) return;
    waiting.splice(0, first);
    first = 0;
  }

  function freeSlot(): void {
    slotsTaken -= 1;
    assignSlots();
  }

  function release(place: Place): void {
    place.quota.removeRequest();
    freeSlot();
  }

  function waitForSlot({ arrival }: Place, signal: AbortSignal | undefined): Promise<void> {
    return abortable<void>(signal, (resolve) => {
      const takeSlot = () => {
        if (signal?.aborted) return;
        slotsTaken += 1;
        resolve();
      };
      // New calls go to the end. A retry goes before the calls that arrived later.
      const index = waiting.findLastIndex((other) => other.arrival < arrival) + 1;
      waiting.splice(Math.max(first, index), 0, { arrival, takeSlot });
    });
  }

  return {
    release,

    /** Whether all slots are taken by abandoned requests. */
    isBlocked: () => abandoned >= concurrency,

    /** Assigns the next position in the queue. */
    join(operation: string): Place {
      const quota = quotas.get(operation) ?? createQuota(concurrency);
      quotas.set(operation, quota);
      return { quota, arrival: (arrivals += 1), rateLimitWait: 0, requestNumber: 0 };
    },

    /**
     * Waits until the call may send a request. After the request, `release` or `abandon` must be called.
     *
     * @returns Undefined if the request may be sent. When to retry, if rate limits would delay the call too long.
     */
    async acquire(place: Place, signal: AbortSignal | undefined): Promise<Date | undefined> {
      const { quota } = place;
      throwIfAborted(signal);
      for (;;) {
        while (!quota.canSend()) {
          const delay = quota.getResetDelay();
          if (place.rateLimitWait + delay > maxWait) return quota.getRetryDate();
          await quota.wait(place.arrival, signal);
          place.rateLimitWait += Math.max(0, delay - quota.getResetDelay());
        }
        if (waiting.length === 0 && hasFreeSlot()) slotsTaken += 1;
        else await waitForSlot(place, signal);
        if (quota.canSend()) break;
        freeSlot();
      }
      quota.addRequest();
      place.requestNumber = requests += 1;
      return undefined;
    },

    /** Releases the slot of an aborted request when it has settled. Until then, it counts toward `concurrency` only. */
    async abandon(place: Place, settled: Promise<unknown>): Promise<void> {
      abandoned += 1;
      assignSlots();
      await settled;
      abandoned -= 1;
      release(place);
    },

    /** Adapts to other processes: additive increase, multiplicative decrease once per burst of rejected requests. */
    adapt({ requestNumber }: Place, isCongested: boolean): void {
      if (!isCongested) {
        limit = Math.min(concurrency, limit + 1 / limit);
      } else if (requestNumber > requestsWhenHalved) {
        limit = Math.max(1, limit / 2);
        requestsWhenHalved = requests;
      }
    },
  };
}
