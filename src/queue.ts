import { listenForAbort } from "./abort.js";
import { longestDelay } from "./options.js";

/** A request that waits for its turn. */
interface Turn {
  readonly arrival: number;
  readonly take: () => void;
  /** The quota is renewed too late, at this `performance.now()`. */
  readonly refuse: (renewsAt: number) => void;
}

/** The requests to one operation, which share a quota. */
interface Lane {
  readonly waiting: Set<Turn>;
  inFlight: number;
  /** Requests left in the current period, as far as the answers have told. */
  remaining: number;
  /** When the current period ends by the Market's clock, which tells one period from the next. */
  until: number;
  /** When the current period ends by `performance.now()`. */
  renewsAt: number;
}

/** So many milliseconds apart the dates may be that several machines give to the end of one period. */
const datesDiffer = 2000;

/** Lets requests go in order of arrival, so many at a time, and none to an operation whose quota is used up. */
export interface Queue {
  /** Resolves when a request to the operation may go, or is undefined if it may go at once. Each owes one `leave`. */
  enter: (
    operation: string,
    signal: AbortSignal | undefined,
    refusal: (renewsAt: number) => Error,
  ) => Promise<void> | undefined;
  leave: (operation: string) => void;
  /** Takes note of what an answer says: so many requests left until a time by its clock, so many ms from now. */
  note: (operation: string, quota: { remaining: number; until: number; renewsIn: number }) => void;
}

/**
 * @param concurrency - How many requests may be in flight at once.
 * @param maxWait - How many milliseconds a request waits for a quota; it is refused if it would have to wait longer.
 */
export function createQueue(concurrency: number, maxWait: number): Queue {
  const lanes = new Map<string, Lane>();
  let inFlight = 0;
  let arrivals = 0;
  let alarm: ReturnType<typeof setTimeout> | undefined;

  function laneOf(operation: string): Lane {
    let lane = lanes.get(operation);
    if (lane === undefined) {
      lane = { waiting: new Set(), inFlight: 0, remaining: Infinity, until: 0, renewsAt: 0 };
      lanes.set(operation, lane);
    }
    return lane;
  }

  function go(lane: Lane): void {
    inFlight += 1;
    lane.inFlight += 1;
  }

  /** The one that came first to an operation that is open. */
  function nextTurn(now: number): Turn | undefined {
    let next: Turn | undefined;
    for (const lane of lanes.values()) {
      const [first] = lane.waiting;
      if (first !== undefined && isOpen(lane, now) && (next === undefined || first.arrival < next.arrival)) {
        next = first;
      }
    }
    return next;
  }

  /** Gives every turn that has come, refuses those that come too late, and sets the alarm for the next renewal. */
  function advance(): void {
    clearTimeout(alarm);
    const now = performance.now();
    while (inFlight < concurrency) {
      const turn = nextTurn(now);
      if (turn === undefined) {
        break;
      }
      turn.take();
    }
    let nextRenewal = Infinity;
    for (const lane of lanes.values()) {
      if (lane.waiting.size === 0 || isOpen(lane, now)) {
        continue;
      }
      if (lane.remaining > 0 || lane.renewsAt - now <= maxWait) {
        nextRenewal = Math.min(nextRenewal, lane.renewsAt);
        continue;
      }
      for (const turn of lane.waiting) {
        turn.refuse(lane.renewsAt);
      }
    }
    if (nextRenewal !== Infinity) {
      alarm = setTimeout(advance, Math.min(Math.ceil(nextRenewal - now), longestDelay));
    }
  }

  return {
    enter(operation, signal, refusal) {
      signal?.throwIfAborted();
      const lane = laneOf(operation);
      if (lane.waiting.size === 0 && inFlight < concurrency && isOpen(lane, performance.now())) {
        go(lane);
        return undefined;
      }
      return new Promise((resolve, reject) => {
        const end = () => {
          lane.waiting.delete(turn);
          stopListening();
        };
        const stopListening = listenForAbort(signal, () => {
          end();
          reject(signal?.reason);
          advance();
        });
        const turn: Turn = {
          arrival: (arrivals += 1),
          take() {
            end();
            go(lane);
            resolve();
          },
          refuse(renewsAt) {
            end();
            reject(refusal(renewsAt));
          },
        };
        lane.waiting.add(turn);
        advance();
      });
    },
    leave(operation) {
      inFlight -= 1;
      laneOf(operation).inFlight -= 1;
      advance();
    },
    note(operation, { remaining, until, renewsIn }) {
      const lane = laneOf(operation);
      const now = performance.now();
      const renewsAt = now + renewsIn;
      const isCurrent = now < lane.renewsAt;
      if (renewsIn <= 0 || (isCurrent && until < lane.until - datesDiffer)) {
        return; // overtaken by the end of its period, or by an answer of a later one
      }
      // Of two answers of one period, the one that leaves less came last; and the shorter wait is the more exact one,
      // since the Market's `Date` has had its fraction of a second cut off.
      const isSame = isCurrent && Math.abs(until - lane.until) <= datesDiffer;
      lane.remaining = isSame ? Math.min(lane.remaining, remaining) : remaining;
      lane.renewsAt = isSame ? Math.min(lane.renewsAt, renewsAt) : renewsAt;
      lane.until = until;
    },
  };
}

/** Whether one more may go. Those in flight may not have been counted yet in what the last answer left. */
function isOpen(lane: Lane, now: number): boolean {
  return now >= lane.renewsAt || lane.remaining > lane.inFlight;
}
