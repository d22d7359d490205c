import type { Chat, ChatContext, ChatContextType, ChatCustomer, ChatStatus, ChatType } from "../generated/types.js";
import { check, checkInteger, checkObject } from "../check.js";
import { createRandom, type Random } from "./random.js";

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
 * They are the start of an endless sequence, in order of creation. The first six contain every status, type, and
 * context type.
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
  const end = now instanceof Date ? now.getTime() : Infinity;
  check(now === undefined || (now instanceof Date && !Number.isNaN(end)), "now", "a valid Date", now);
  const start = now === undefined ? Date.UTC(2025, 2, 1, 6) : end - (skip + count) * twentyMinutes;
  return Array.from({ length: count }, (_, index) => sampleChat(skip + index, seed, start, end));
}

type Combination = readonly [ChatType, ChatStatus, ChatContextType];

/** Valid combinations: an arbiter requires a dispute, and a dispute an order or a return. */
const combinations: readonly [Combination, ...Combination[]] = [
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
  const [type, status, contextType] = combinations[index] ?? random.pick(combinations);
  const createdAt = start + index * twentyMinutes + random.below(twentyMinutes);
  const context = sampleContext(contextType, index, random);
  return {
    chatId: 4_200_000 + index * 37 + random.below(37),
    ...(context.orderId !== undefined && { orderId: context.orderId }),
    context,
    type,
    status,
    createdAt: toMoscowTime(createdAt),
    updatedAt: toMoscowTime(createdAt + (status === "NEW" ? 0 : random.below(Math.min(threeDays, end - createdAt)))),
  };
}

function sampleContext(type: ChatContextType, index: number, random: Random): ChatContext {
  const { below, pick } = random;
  const customer = below(4) > 0 && { customer: sampleCustomer(random) };
  if (type === "DIRECT") return { type, ...customer };
  return {
    type,
    ...customer,
    ...(below(8) > 0 && { campaignId: pick(campaignIds) }),
    orderId: 57_000_000_000 + index * 1009 + below(1009),
    ...(type === "RETURN" && { returnId: 71_000_000 + index * 41 + below(41) }),
  };
}

function sampleCustomer({ below }: Random): ChatCustomer {
  const name = `${names[below(names.length)]} ${initials.charAt(below(initials.length))}.`;
  const publicId = below(36 ** 10).toString(36) + below(36 ** 10).toString(36);
  return below(8) > 0 ? { name, publicId } : { name };
}

/** Formats a time as the API does: in whole seconds, in the Moscow time zone. */
export const toMoscowTime = (time: number) => new Date(time + 3 * 3_600_000).toISOString().replace(/\.\d+Z$/, "+03:00");
