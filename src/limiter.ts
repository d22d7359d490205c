import { abortable, throwIfAborted } from "./abort.js";
import { Quota } from "./quota.js";

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
export class Limiter {
  readonly #quotas = new Map<string, Quota>();
  /** In order of arrival. Those before `#first` have been called: `shift` would copy a long array every time. */
  readonly #waiting: { arrival: number; takeSlot: () => void }[] = [];
  #first = 0;
  #arrivals = 0;
  #requests = 0;
  #slotsTaken = 0;
  /** Allowed number of concurrent requests: at most `concurrency`, and less while other processes use the cabinet. */
  #limit: number;
  #requestsWhenHalved = 0;

  constructor(
    private readonly concurrency: number,
    private readonly maxWait: number,
  ) {
    this.#limit = concurrency;
  }

  /** Assigns the next position in the queue. */
  join(operation: string): Place {
    const quota = this.#quotas.get(operation) ?? new Quota();
    this.#quotas.set(operation, quota);
    return { quota, arrival: (this.#arrivals += 1), rateLimitWait: 0, requestNumber: 0 };
  }

  /**
   * Waits until the call may send a request, which must be released.
   *
   * @returns Undefined. Or without a request to release: when to retry, if rate limits would delay the call too long.
   */
  async acquire(place: Place, signal: AbortSignal | undefined): Promise<Date | undefined> {
    const { quota } = place;
    throwIfAborted(signal);
    for (;;) {
      while (!quota.canSend) {
        const delay = quota.resetDelay;
        if (place.rateLimitWait + delay > this.maxWait) return quota.retryAt;
        await quota.wait(signal);
        place.rateLimitWait += Math.max(0, delay - quota.resetDelay);
      }
      await this.#waitForSlot(place, signal);
      if (quota.canSend) break;
      this.#freeSlot();
    }
    quota.inFlight += 1;
    place.requestNumber = this.#requests += 1;
    return undefined;
  }

  release({ quota }: Place): void {
    quota.inFlight -= 1;
    quota.notify();
    this.#freeSlot();
  }

  /** Adapts to other processes: additive increase, multiplicative decrease, once per burst of rejected requests. */
  adapt(place: Place, isCongested: boolean): void {
    if (!isCongested) {
      this.#limit = Math.min(this.concurrency, this.#limit + 1 / this.#limit);
    } else if (place.requestNumber > this.#requestsWhenHalved) {
      this.#limit = Math.max(1, this.#limit / 2);
      this.#requestsWhenHalved = this.#requests;
    }
  }

  async #waitForSlot({ arrival }: Place, signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length === 0 && this.#hasFreeSlot) {
      this.#slotsTaken += 1;
      return;
    }
    await abortable<void>(signal, (resolve) => {
      const takeSlot = () => {
        if (signal?.aborted) return;
        this.#slotsTaken += 1;
        resolve();
      };
      // New calls go to the end. A retry goes before the calls that arrived later.
      let index = this.#waiting.length;
      while (index > this.#first && (this.#waiting[index - 1]?.arrival ?? 0) > arrival) index -= 1;
      this.#waiting.splice(index, 0, { arrival, takeSlot });
      this.#assignSlots();
    });
  }

  get #hasFreeSlot(): boolean {
    return this.#slotsTaken < Math.floor(this.#limit);
  }

  #freeSlot(): void {
    this.#slotsTaken -= 1;
    this.#assignSlots();
  }

  #assignSlots(): void {
    while (this.#first < this.#waiting.length && this.#hasFreeSlot) {
      this.#waiting[this.#first]?.takeSlot();
      this.#first += 1;
    }
    if (this.#first <= this.#waiting.length / 2) return;
    this.#waiting.splice(0, this.#first);
    this.#first = 0;
  }
}
