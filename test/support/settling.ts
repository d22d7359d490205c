/** What becomes of promises. */
import { expect, vi } from "vitest";

/** What the promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  const nothing = Symbol("it did not reject");
  const reason = await promise.then(
    () => nothing,
    (thrown: unknown) => thrown,
  );
  expect(reason).not.toBe(nothing);
  return reason;
}

/** What the promise rejects with, which has to be of this class itself, not of one that extends it. */
export async function failureOf<Failure>(
  promise: Promise<unknown>,
  type: abstract new (...args: never[]) => Failure,
): Promise<Failure> {
  const reason = await rejectionOf(promise);
  expect(reason).toBeInstanceOf(type);
  expect((reason as Error).constructor).toBe(type);
  return reason as Failure;
}

/** Lets the fake clock run until no timer is left, and gives what became of the promise. */
export async function throughPauses<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined); // It is looked at afterwards.
  await vi.runAllTimersAsync();
  return promise;
}

/** Lets all go on that waits for nothing but its turn, without the fake clock moving. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Everything that the iteration gives. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}
