/** Lists every chat, and resumes when a listing fails. */
import { setTimeout } from "node:timers/promises";
import { createChatsClient, MarketError, RateLimitError } from "../../src/index.js";
import { sampleChats } from "../../src/testing/index.js";

export interface ListingResult {
  chats: number;
  /** Whether every chat was yielded, once and in order. */
  isComplete: boolean;
  attempts: number;
  /** How often a response left the quota exhausted. */
  waits: number;
  /** How often a listing was resumed. */
  resumed: number;
  heapAtTenth: number;
  heapAtEnd: number;
}

const [, , options = "", chats = ""] = process.argv;
const total = Number(chats);
const expected = sampleChats(total).map(({ chatId }) => chatId);

const result: ListingResult = {
  chats: 0,
  isComplete: true,
  attempts: 0,
  waits: 0,
  resumed: 0,
  heapAtTenth: 0,
  heapAtEnd: 0,
};

const market = createChatsClient({
  ...(JSON.parse(options) as { baseUrl: string; apiKey: string; businessId: number }),
  onAttempt({ rateLimit }) {
    result.attempts += 1;
    result.waits += rateLimit?.remaining === 0 ? 1 : 0;
  },
});

function heapAfterCollection(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

let pageToken: string | undefined;
for (let isOver = false; !isOver;) {
  try {
    for await (const chat of market.listChats({}, { pageToken })) {
      result.isComplete &&= chat.chatId === expected[result.chats];
      result.chats += 1;
      if (result.chats === Math.ceil(total / 10)) {
        result.heapAtTenth = heapAfterCollection();
      }
    }
    isOver = true;
  } catch (error) {
    if (!(error instanceof MarketError)) {
      throw error;
    }
    result.resumed += 1;
    pageToken = error.pageToken;
    await setTimeout(error instanceof RateLimitError ? 1_000 : 10);
  }
}
result.isComplete &&= result.chats === total;
result.heapAtEnd = heapAfterCollection();
process.send?.(result);
process.disconnect();
