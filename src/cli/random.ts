import { createHash } from "node:crypto";

/** A function that returns the next random number from 0 to 1, excluding 1. */
export type Random = () => number;

/** Creates a sequence of random numbers. The same seed and purpose always create the same sequence. */
export function createRandom(seed: number, purpose: string): Random {
  let index = 0;
  return () => {
    index += 1;
    return createHash("sha256").update(`${seed} ${purpose} ${index}`).digest().readUInt32BE() / 2 ** 32;
  };
}

export function pick<Item>(items: readonly Item[], random: Random): Item | undefined {
  return items[Math.floor(random() * items.length)];
}
