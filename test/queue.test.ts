import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createQueue, type Queue } from "../src/queue.js";
import { rejectionOf, settle, throughPauses } from "./support/settling.js";

// Thousands of turns take their time on a machine that has other things to do.
vi.setConfig({ testTimeout: 30_000 });

const minute = 60_000;

/** What the queue refuses a request with. */
class Refusal extends Error {
  constructor(readonly renewsAt: number) {
    super("the quota is renewed too late");
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  const timers = vi.getTimerCount();
  vi.useRealTimers();
  expect(timers).toBe(0);
});

/** Asks for turns under names, and notes the names in the order in which the turns come. */
function attend(queue: Queue): {
  ask: (name: string, operation?: string, signal?: AbortSignal) => Promise<void>;
  turns: string[];
} {
  const turns: string[] = [];
  return {
    turns,
    async ask(name, operation = "getChat", signal) {
      await queue.enter(operation, signal, (renewsAt) => new Refusal(renewsAt));
      turns.push(name);
    },
  };
}

/** A queue whose `getChat` has so many requests left for so long, and nothing in flight. */
async function queueWithQuota(remaining: number, renewsIn: number, { concurrency = 4, maxWait = minute } = {}) {
  const queue = createQueue(concurrency, maxWait);
  const attendance = attend(queue);
  const note = (left: number, milliseconds: number, until = 1) =>
    queue.note("getChat", { remaining: left, until: until * minute, renewsIn: milliseconds });
  note(remaining, renewsIn);
  return { queue, note, ...attendance };
}

describe("turns", () => {
  it("come at once while fewer requests are in flight than may be", async () => {
    const { ask, turns } = attend(createQueue(3, minute));
    await Promise.all([ask("A"), ask("B"), ask("C")]);
    expect(turns).toEqual(["A", "B", "C"]);
  });

  it("come in order of arrival, whatever the operation", async () => {
    const queue = createQueue(1, minute);
    const { ask, turns } = attend(queue);
    const arrivals = [
      ["A", "getChat"],
      ["B", "getChats"],
      ["C", "getChat"],
      ["D", "getChat"],
      ["E", "getChats"],
      ["F", "another"],
    ] as const;
    arrivals.forEach(([name, operation]) => void ask(name, operation));
    for (const [, operation] of arrivals) {
      await settle();
      queue.leave(operation);
    }
    expect(turns).toEqual(["A", "B", "C", "D", "E", "F"]);
  });

  it("come one for one as requests leave", async () => {
    const queue = createQueue(2, minute);
    const { ask, turns } = attend(queue);
    ["A", "B", "C", "D", "E"].forEach((name) => void ask(name));
    await settle();
    expect(turns).toEqual(["A", "B"]);
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B", "C"]);
    queue.leave("getChat");
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B", "C", "D", "E"]);
  });

  it("do not wait for an operation that is held up", async () => {
    const { ask, turns } = await queueWithQuota(0, 1000, { concurrency: 1 });
    void ask("held up");
    await ask("another", "getChats");
    expect(turns).toEqual(["another"]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(turns).toEqual(["another"]); // which is still in flight
  });

  it.each([1, 2, 4, 100])("never come while %i are in flight, if that is how many may be", async (concurrency) => {
    const queue = createQueue(concurrency, minute);
    const { ask } = attend(queue);
    let inFlight = 0;
    let most = 0;
    const requests = Array.from({ length: 300 }, async (_, index) => {
      const operation = index % 3 === 0 ? "getChat" : "getChats";
      await ask(String(index), operation);
      most = Math.max(most, (inFlight += 1));
      await new Promise((resolve) => setTimeout(resolve, index % 7));
      inFlight -= 1;
      queue.leave(operation);
    });
    await throughPauses(Promise.all(requests));
    expect(most).toBe(concurrency);
  });

  it.each<[string, (queue: Queue, controllers: AbortController[]) => void]>([
    ["come", (queue, controllers) => controllers.forEach(() => queue.leave("getChat"))],
    ["are given up", (_, controllers) => controllers.forEach((controller) => controller.abort())],
    ["are refused", (queue) => useUp(queue, 2 * minute)],
  ])("cost the queue the same each, whether 1,000 of them wait or 20,000, when they %s", async (how, end) => {
    async function stepsFor(count: number): Promise<number> {
      const queue = createQueue(1, minute);
      const { ask } = attend(queue);
      await ask("the one in flight");
      using steps = countSetSteps();
      const controllers = Array.from({ length: count }, () => new AbortController());
      const waiting = controllers.map(({ signal }) => ask("", "getChat", how === "are given up" ? signal : undefined));
      end(queue, controllers);
      await Promise.allSettled(waiting);
      return steps.count;
    }
    const few = await stepsFor(1000);
    const many = await stepsFor(20_000);
    expect(many).toBeLessThanOrEqual(20 * few + 20);
  });
});

/** Lets a request to `getChat` come back with the word that it was the last one for so long. */
function useUp(queue: Queue, renewsIn: number): void {
  queue.note("getChat", { remaining: 0, until: 1, renewsIn });
  queue.leave("getChat");
}

/** Counts how many items of sets are gone through, which is what a queue that takes ever longer would do. */
function countSetSteps(): Disposable & { count: number } {
  const original = Set.prototype[Symbol.iterator];
  const steps = {
    count: 0,
    [Symbol.dispose]() {
      Set.prototype[Symbol.iterator] = original;
    },
  };
  Set.prototype[Symbol.iterator] = function (this: Set<unknown>) {
    const items = original.call(this);
    const next = items.next.bind(items);
    items.next = () => {
      steps.count += 1;
      return next();
    };
    return items;
  };
  return steps;
}

describe("an abort in the queue", () => {
  it("ends the wait at once, with the signal's own reason", async () => {
    const { ask } = attend(createQueue(1, minute));
    await ask("A");
    const controller = new AbortController();
    const rejection = rejectionOf(ask("B", "getChat", controller.signal));
    const reason = { any: "thing" };
    controller.abort(reason);
    expect(await rejection).toBe(reason);
  });

  it("before the request has joined it keeps it out", async () => {
    const { ask, turns } = attend(createQueue(1, minute));
    expect(await rejectionOf(ask("A", "getChat", AbortSignal.abort("no")))).toBe("no");
    await ask("B"); // The place is still free.
    expect(turns).toEqual(["B"]);
  });

  it("gives the place up to the next one", async () => {
    const queue = createQueue(1, minute);
    const { ask, turns } = attend(queue);
    await ask("A");
    const controller = new AbortController();
    ask("B", "getChat", controller.signal).catch(() => undefined);
    void ask("C");
    controller.abort();
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "C"]);
  });

  it("after the turn has come is nothing to the queue", async () => {
    const queue = createQueue(1, minute);
    const { ask, turns } = attend(queue);
    const controller = new AbortController();
    await ask("A", "getChat", controller.signal);
    controller.abort();
    void ask("B");
    await settle();
    expect(turns).toEqual(["A"]);
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B"]);
  });

  it("leaves no timer behind, if nobody else waits for the quota", async () => {
    const { ask } = await queueWithQuota(0, 1000);
    const controller = new AbortController();
    const rejection = rejectionOf(ask("A", "getChat", controller.signal));
    await settle();
    expect(vi.getTimerCount()).toBe(1);
    controller.abort("enough");
    expect(await rejection).toBe("enough");
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(["a turn", "a refusal", "an abort"])("finds its listener gone after %s", async (ending) => {
    const { queue, note, ask } = await queueWithQuota(Infinity, 1000, { concurrency: 1 });
    await ask("in flight");
    const controller = new AbortController();
    const waiting = ask("A", "getChat", controller.signal).catch(() => undefined);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    if (ending === "an abort") {
      controller.abort();
    } else {
      note(ending === "a turn" ? 10 : 0, 2 * minute, 2);
      queue.leave("getChat");
    }
    await waiting;
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });
});

describe("a quota that is used up", () => {
  it("holds requests back until it is renewed", async () => {
    const { ask, turns } = await queueWithQuota(0, 1000);
    void ask("A");
    void ask("B");
    await vi.advanceTimersByTimeAsync(999);
    expect(turns).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(turns).toEqual(["A", "B"]);
  });

  it("lets go no more than may be in flight when it is renewed", async () => {
    const { queue, ask, turns } = await queueWithQuota(0, 1000, { concurrency: 2 });
    ["A", "B", "C"].forEach((name) => void ask(name));
    await vi.advanceTimersByTimeAsync(1000);
    expect(turns).toEqual(["A", "B"]);
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B", "C"]);
  });

  it("is no obstacle once its time is over, even if no timer told so", async () => {
    const { ask } = await queueWithQuota(0, 1000);
    vi.setSystemTime(0); // The machine's clock may be put back: it is not asked.
    await vi.advanceTimersByTimeAsync(1000);
    await ask("A");
  });

  it("is renewed for those who wait before it is for a newcomer, even if the timer is late", async () => {
    const { ask, turns } = await queueWithQuota(0, 1000, { concurrency: 1 });
    void ask("waiting");
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 1001);
    void ask("newcomer");
    await settle();
    expect(turns).toEqual(["waiting"]);
    vi.restoreAllMocks();
  });

  it("is each operation's own, and each is renewed in its own time", async () => {
    const { queue, ask, turns } = await queueWithQuota(0, 3000);
    queue.note("getChats", { remaining: 0, until: 1, renewsIn: 2000 });
    void ask("chat");
    void ask("chats", "getChats");
    await vi.advanceTimersByTimeAsync(2000);
    expect(turns).toEqual(["chats"]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(turns).toEqual(["chats", "chat"]);
  });

  it("is waited for as long as the caller would wait at most", async () => {
    const { ask, turns } = await queueWithQuota(0, minute);
    void ask("A");
    await vi.advanceTimersByTimeAsync(minute);
    expect(turns).toEqual(["A"]);
  });

  it("turns a request away that would have to wait longer, and says until when", async () => {
    const { ask } = await queueWithQuota(0, minute + 1);
    const renewsAt = performance.now() + minute + 1;
    expect(await rejectionOf(ask("A"))).toEqual(new Refusal(renewsAt));
  });

  it("turns those away too that have been waiting, and nobody else", async () => {
    const { queue, note, ask, turns } = await queueWithQuota(Infinity, 10 * minute, { concurrency: 1 });
    await ask("A");
    const rejections = [rejectionOf(ask("B")), rejectionOf(ask("C"))];
    void ask("D", "getChats");
    note(0, 10 * minute);
    queue.leave("getChat");
    const renewsAt = performance.now() + 10 * minute;
    expect(await Promise.all(rejections)).toEqual([new Refusal(renewsAt), new Refusal(renewsAt)]);
    expect(turns).toEqual(["A", "D"]);
  });

  it("of nobody's concern sets no timer", async () => {
    await queueWithQuota(0, 1000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps a single timer, for the first renewal", async () => {
    const { queue, ask, turns } = await queueWithQuota(0, 1000);
    queue.note("getChats", { remaining: 0, until: 1, renewsIn: 2000 });
    ["A", "B", "C"].forEach((name) => void ask(name));
    void ask("D", "getChats");
    await settle();
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(turns).toEqual(["A", "B", "C", "D"]);
  });

  it("that is renewed at a fraction of a millisecond is not asked for before it", async () => {
    const { ask, turns } = await queueWithQuota(0, 10.4);
    void ask("A");
    await vi.advanceTimersByTimeAsync(10);
    expect(turns).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(turns).toEqual(["A"]);
  });
});

describe("a quota of which little is left", () => {
  it("lets go as many as are left", async () => {
    const { queue, note, ask, turns } = await queueWithQuota(2, 1000, { concurrency: 10 });
    ["A", "B", "C", "D"].forEach((name) => void ask(name));
    await settle();
    expect(turns).toEqual(["A", "B"]);
    note(1, 1000);
    queue.leave("getChat");
    note(0, 1000);
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B"]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(turns).toEqual(["A", "B", "C", "D"]);
  });

  it("counts those in flight, which the last answer may not have counted", async () => {
    const { queue, note, ask, turns } = await queueWithQuota(Infinity, 1000, { concurrency: 4 });
    ["A", "B", "C", "D", "E", "F"].forEach((name) => void ask(name));
    await settle();
    note(3, 1000); // A's answer; B, C and D may take the three.
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B", "C", "D"]);
    note(2, 1000); // B's answer; C and D may take the two.
    queue.leave("getChat");
    note(1, 1000); // C's answer; D may take it.
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B", "C", "D"]);
    note(1, 1000); // D's answer came out of order: it had been counted, and one is left.
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B", "C", "D", "E"]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(turns).toEqual(["A", "B", "C", "D", "E", "F"]);
  });

  it("is open again when one in flight failed without an answer", async () => {
    const { queue, ask, turns } = await queueWithQuota(1, 1000);
    void ask("A");
    void ask("B");
    await settle();
    expect(turns).toEqual(["A"]);
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B"]);
  });

  it("is asked for again when it is renewed, though one from before is still in flight", async () => {
    const { ask, turns } = await queueWithQuota(1, 1000);
    await ask("A, whose answer takes for ever");
    void ask("B");
    await vi.advanceTimersByTimeAsync(1000);
    expect(turns).toEqual(["A, whose answer takes for ever", "B"]);
  });

  it("may be renewed later than a timer can wait, without being asked for over and over", async () => {
    const { queue, ask, turns } = await queueWithQuota(1, 2 ** 32);
    void ask("A");
    void ask("B");
    const timers = vi.spyOn(globalThis, "setTimeout");
    await vi.advanceTimersByTimeAsync(minute);
    expect(timers).not.toHaveBeenCalled();
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B"]);
    timers.mockRestore();
  });

  it("turns nobody away: those in flight may leave some", async () => {
    const { queue, note, ask, turns } = await queueWithQuota(1, 10 * minute);
    void ask("A");
    void ask("B");
    await settle();
    expect(turns).toEqual(["A"]);
    note(1, 10 * minute);
    queue.leave("getChat");
    await settle();
    expect(turns).toEqual(["A", "B"]);
  });
});

describe("an answer's word on the quota", () => {
  type Quota = Parameters<Queue["note"]>[1];
  const left: Quota = { remaining: 5, until: 100_000, renewsIn: 1000 };
  const used: Quota = { remaining: 0, until: 100_000, renewsIn: 1000 };
  const laterLeft: Quota = { remaining: 5, until: 200_000, renewsIn: 2000 };
  const laterUsed: Quota = { remaining: 0, until: 200_000, renewsIn: 2000 };

  it.each<[string, Quota[], string]>([
    ["some are left", [left], "open"],
    ["none are left", [used], "closed"],
    ["none are left in a period that ends now", [{ ...used, renewsIn: 0 }], "open"],
    ["none are left in a period that ended long ago", [{ ...used, renewsIn: -1000 }], "open"],
    ["of two in one period, the one that leaves less came last", [left, used], "closed"],
    ["of two in one period, the one that leaves less came last, though it was overtaken", [used, left], "closed"],
    ["a later period counts, and opens", [used, laterLeft], "open"],
    ["a later period counts, and closes", [left, laterUsed], "closed"],
    ["an older period does not count: it does not open", [laterUsed, left], "closed"],
    ["an older period does not count: it does not close", [laterLeft, used], "open"],
    ["a period that has ended does not count: it does not open", [used, { ...left, renewsIn: -1 }], "closed"],
  ])("%s", async (_, answers, expected) => {
    const queue = createQueue(4, minute);
    answers.forEach((quota) => queue.note("getChat", quota));
    const controller = new AbortController();
    const { ask, turns } = attend(queue);
    ask("A", "getChat", controller.signal).catch(() => undefined);
    await settle();
    controller.abort();
    expect(turns.length === 1 ? "open" : "closed").toBe(expected);
  });

  it("counts when the Market's clock was put back, once the period by the old time is over", async () => {
    const { note, ask, turns } = await queueWithQuota(5, 1000);
    await vi.advanceTimersByTimeAsync(1000);
    note(0, 500, -100);
    void ask("A");
    await vi.advanceTimersByTimeAsync(499);
    expect(turns).toEqual([]);
    note(5, 500, -50); // the next period by the new time
    await ask("B");
    expect(turns).toEqual(["A", "B"]);
  });

  it("of one period is taken by the shortest wait, which is the most exact", async () => {
    const { note, ask, turns } = await queueWithQuota(0, 1900);
    note(0, 1000);
    note(0, 1500);
    void ask("A");
    await vi.advanceTimersByTimeAsync(999);
    expect(turns).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(turns).toEqual(["A"]);
  });

  it("goes for its operation alone", async () => {
    const queue = createQueue(4, minute);
    queue.note("getChat", { remaining: 0, until: 1, renewsIn: 1000 });
    await attend(queue).ask("A", "getChats");
  });
});
