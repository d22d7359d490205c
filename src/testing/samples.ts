import type { Chat, ChatContext, ChatContextType, ChatCustomer, ChatStatus, ChatType } from "../generated/types.js";
import { checkInteger } from "../options.js";

/** Which sample chats. */
export interface SampleOptions {
  /**
   * Another seed, other chats: an integer. IDs may be the same under two seeds.
   * @default 1
   */
  seed?: number | undefined;
  /**
   * How many chats of the series to leave out at the start. The chats that come next have other, larger IDs, and were
   * created later.
   * @default 0
   */
  skip?: number | undefined;
}

/**
 * Made-up chats that look like the Market's: always the same ones for the same seed, whatever the day.
 *
 * They are the start of an endless series, in the order in which they were created. The first six have every status,
 * type and context type among them.
 *
 * @example
 * ```ts
 * const chats = sampleChats(100);
 * const newChats = sampleChats(5, { skip: 100 }); // as if five more had come in
 * ```
 * @param count - How many, from 0.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function sampleChats(count: number, options: SampleOptions = {}): Chat[] {
  checkInteger("count", count, 0);
  const seed = checkInteger("seed", options.seed ?? 1, Number.MIN_SAFE_INTEGER);
  const skip = checkInteger("skip", options.skip ?? 0, 0);
  return Array.from({ length: count }, (_, index) => sampleChat(skip + index, seed));
}

/** What can come together: an arbiter belongs to a dispute, a dispute to an order or a return. */
const scenes: readonly (readonly [ChatType, ChatStatus, ChatContextType])[] = [
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

/** The cabinet's stores. */
const campaignIds = [21_094_317, 23_761_950, 68_410_222] as const;

const names = [
  "Анна",
  "Сергей",
  "Мария",
  "Дмитрий",
  "Екатерина",
  "Алексей",
  "Ольга",
  "Илья",
  "Наталья",
  "Андрей",
  "Зульфия",
  "Тимур",
  "Юлия",
  "Пётр",
  "Ксения",
  "Фёдор",
] as const;

const initials = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ";

const start = Date.UTC(2025, 2, 1, 6);
const twentyMinutes = 1_200_000;
const threeDays = 259_200_000;

/** Made of its own random numbers, so that it is the same chat however many there are before it or after. */
function sampleChat(index: number, seed: number): Chat {
  const random = createRandom(seed, index);
  const below = (limit: number) => Math.floor(random() * limit);
  const [type, status, contextType] = pick(scenes, index < scenes.length ? index : below(scenes.length));
  const createdAt = start + index * twentyMinutes + below(twentyMinutes);
  const context = sampleContext(contextType, index, below);
  return {
    chatId: 4_200_000 + index * 37 + below(37),
    ...(context.orderId !== undefined && { orderId: context.orderId }),
    context,
    type,
    status,
    createdAt: inMoscow(createdAt),
    updatedAt: inMoscow(status === "NEW" ? createdAt : createdAt + below(threeDays)),
  };
}

function sampleContext(type: ChatContextType, index: number, below: (limit: number) => number): ChatContext {
  const customer = below(4) > 0 && { customer: sampleCustomer(below) };
  if (type === "DIRECT") {
    return { type, ...customer };
  }
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
  if (item === undefined) {
    throw new RangeError(`there is no item ${index}`);
  }
  return item;
}

/** A time in whole seconds by the Market's own time zone, as it writes it. */
function inMoscow(time: number): string {
  return new Date(time + 3 * 3_600_000).toISOString().replace(/\.\d+Z$/, "+03:00");
}

/** The random numbers of one chat: mulberry32, which is short, fast, and good enough for names. */
function createRandom(seed: number, index: number): () => number {
  let state = Math.imul(seed, 0x85eb_ca6b) ^ Math.imul(index + 1, 0x9e37_79b1);
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
