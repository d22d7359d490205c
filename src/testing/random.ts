export type Random = ReturnType<typeof createRandom>;

/**
 * Creates a sequence of random numbers: mulberry32, which is short and fast. The same arguments always create the same
 * sequence.
 *
 * @param index - Selects one of the sequences of a seed. `sampleChats` uses those from 0.
 */
export function createRandom(seed: number, index: number) {
  let state = Math.imul(seed, 0x85eb_ca6b) ^ Math.imul(index + 1, 0x9e37_79b1);

  /** Returns a number from 0 to 1, excluding 1. */
  function next(): number {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns an integer from 0 to the limit, excluding the limit. */
  const below = (limit: number) => Math.floor(next() * limit);

  const pick = <Item>(items: readonly [Item, ...Item[]]) => items[below(items.length)] ?? items[0];

  return { next, below, pick };
}
