/** One process of the soak: lists every chat, and goes on from where a listing failed. */
import { setTimeout } from "node:timers/promises";
import { createChatsClient, MarketError, RateLimitError } from "../../src/index.js";
import { sampleChats } from "../../src/testing/index.js";

/** What a process has to say in the end. */
export interface LastWord {
  chats: number;
  /** Whether it has seen every chat once and in order. */
  isComplete: boolean;
  attempts: number;
  /** How often an answer left nothing of the quota, so that it waited for the next period. */
  waits: number;
  /** How often it went on after a listing had failed. */
  resumed: number;
  heapAtTenth: number;
  heapAtEnd: number;
}

const [, , address = "", chats = ""] = process.argv;
const total = Number(chats);
const expected = sampleChats(total).map(({ chatId }) => chatId);

const word: LastWord = { chats: 0, isComplete: true, attempts: 0, waits: 0, resumed: 0, heapAtTenth: 0, heapAtEnd: 0 };

// The Market allows four requests at once for the cabinet. Four processes that each list one after another keep to that.
const market = createChatsClient({
  ...(JSON.parse(address) as { baseUrl: string; apiKey: string; businessId: number }),
  concurrency: 1,
  onAttempt({ rateLimit }) {
    word.attempts += 1;
    word.waits += rateLimit?.remaining === 0 ? 1 : 0;
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
      word.isComplete &&= chat.chatId === expected[word.chats];
      word.chats += 1;
      if (word.chats === Math.ceil(total / 10)) {
        word.heapAtTenth = heapAfterCollection();
      }
    }
    isOver = true;
  } catch (error) {
    if (!(error instanceof MarketError)) {
      throw error;
    }
    word.resumed += 1;
    pageToken = error.pageToken;
    await setTimeout(error instanceof RateLimitError ? 1_000 : 10);
  }
}
word.isComplete &&= word.chats === total;
word.heapAtEnd = heapAfterCollection();
process.send?.(word);
process.disconnect();
