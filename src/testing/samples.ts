import type { Chat, ChatContext, ChatContextType, ChatCustomer, ChatStatus, ChatType } from "../generated/types.js";
import { check, checkInteger, checkObject } from "../check.js";

/** Options of `sampleChats`. */
export interface SampleOptions {
  /**
   * Seed of the random values, an integer. Chats of different seeds may have the same ID.
   * @default 1
   */
  seed?: number | undefined;
  /**
   * Number of chats to skip at the start of the sequence. Later chats have larger IDs and creation dates.
   * @default 0
   */
  skip?: number | undefined;
  /**
   * Shifts the dates, so that the last chat was created within the 20 minutes before this date.
   * @default the sequence starts on 2025-03-01
   */
  now?: Date | undefined;
}

/**
 * Creates realistic chats for tests. The same seed always creates the same chats.
 *
 * They are the start of an endless sequence, in order of creation. The first six contain every status, type, and context
 * type.
 *
 * @example
 * ```ts
 * const chats = sampleChats(100);
 * const newChats = sampleChats(5, { skip: 100 }); // the next five
 * ```
 * @param count - Number of chats. Minimum: 0.
 * @throws TypeError or RangeError if an argument is invalid.
 */
export function sampleChats(count: number, options: SampleOptions = {}): Chat[] {
  checkObject("options", options, ["seed", "skip", "now"]);
  checkInteger("count", count, 0);
  const seed = checkInteger("seed", options.seed ?? 1, Number.MIN_SAFE_INTEGER);
  const skip = checkInteger("skip", options.skip ?? 0, 0);
  const { now } = options;
  const end = now === undefined ? Infinity : now instanceof Date ? now.getTime() : NaN;
  check(!Number.isNaN(end), "now", "a valid Date", now);
  const start = now === undefined ? Date.UTC(2025, 2, 1, 6) : end - (skip + count) * twentyMinutes;
  return Array.from({ length: count }, (_, index) => sampleChat(skip + index, seed, start, end));
}

/** Valid combinations: an arbiter requires a dispute, and a dispute an order or a return. */
const combinations: readonly (readonly [ChatType, ChatStatus, ChatContextType])[] = [
  ["CHAT", "NEW", "ORDER"],
  ["CHAT", "WAITING_FOR_PARTNER", "DIRECT"],
  ["CHAT", "WAITING_FOR_CUSTOMER", "RETURN"],
  ["ARBITRAGE", "WAITING_FOR_ARBITER", "ORDER"],
  ["ARBITRAGE", "WAITING_FOR_MARKET", "RETURN"],
  ["CHAT", "FINISHED", "ORDER"],
  ["CHAT", "WAITING_FOR_PARTNER", "ORDER"],
  ["CHAT", "FINISHED", "DIRECT"],
  ["CHAT", "WAITING_FOR_CUSTOMER", "ORDER"],
  ["CHAT", "NEW", "DIRECT"],
  ["CHAT", "FINISHED", "RETURN"],
  ["ARBITRAGE", "WAITING_FOR_PARTNER", "RETURN"],
  ["CHAT", "FINISHED", "ORDER"],
  ["ARBITRAGE", "FINISHED", "ORDER"],
  ["CHAT", "WAITING_FOR_MARKET", "DIRECT"],
  ["CHAT", "NEW", "RETURN"],
];

/** IDs of the stores of the cabinet. */
const campaignIds = [21_094_317, 23_761_950, 68_410_222] as const;

const names =
  "Анна Сергей Мария Дмитрий Екатерина Алексей Ольга Илья Наталья Андрей Зульфия Тимур Юлия Пётр Ксения Фёдор".split(
    " ",
  );

const initials = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ";

const twentyMinutes = 1_200_000;
const threeDays = 259_200_000;

/** Has its own random numbers, so that a chat does not depend on the number of chats before or after it. */
function sampleChat(index: number, seed: number, start: number, end: number): Chat {
  const random = createRandom(seed, index);
  const below = (limit: number) => Math.floor(random() * limit);
  const { length } = combinations;
  const [type, status, contextType] = pick(combinations, index < length ? index : below(length));
  const createdAt = start + index * twentyMinutes + below(twentyMinutes);
  const context = sampleContext(contextType, index, below);
  return {
    chatId: 4_200_000 + index * 37 + below(37),
    ...(context.orderId !== undefined && { orderId: context.orderId }),
    context,
    type,
    status,
    createdAt: toMoscowTime(createdAt),
    updatedAt: toMoscowTime(status === "NEW" ? createdAt : createdAt + below(Math.min(threeDays, end - createdAt))),
  };
}

function sampleContext(type: ChatContextType, index: number, below: (limit: number) => number): ChatContext {
  const customer = below(4) > 0 && { customer: sampleCustomer(below) };
  if (type === "DIRECT") return { type, ...customer };
  return {
    type,
    ...customer,
    ...(below(8) > 0 && { campaignId: pick(campaignIds, below(campaignIds.length)) }),
    orderId: 57_000_000_000 + index * 1009 + below(1009),
    ...(type === "RETURN" && { returnId: 71_000_000 + index * 41 + below(41) }),
  };
}

function sampleCustomer(below: (limit: number) => number): ChatCustomer {
  const name = `${pick(names, below(names.length))} ${initials.charAt(below(initials.length))}.`;
  const publicId = below(36 ** 10).toString(36) + below(36 ** 10).toString(36);
  return below(8) > 0 ? { name, publicId } : { name };
}

function pick<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`index out of range: ${index}`);
  return item;
}

/** Formats a time as the API does: in whole seconds, in the Moscow time zone. */
function toMoscowTime(time: number): string {
  return new Date(time + 3 * 3_600_000).toISOString().replace(/\.\d+Z$/, "+03:00");
}

/** Random numbers of one chat: mulberry32, which is short and fast. */
function createRandom(seed: number, index: number): () => number {
  let state = Math.imul(seed, 0x85eb_ca6b) ^ Math.imul(index + 1, 0x9e37_79b1);
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
