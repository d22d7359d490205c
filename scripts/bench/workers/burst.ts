/** Asks for a thousand chats at once, and tells the ratio to the least time that four at once could take. */
import { createChatsClient } from "../../../src/index.js";
import { median } from "../measure.js";

const [, , address = ""] = process.argv;
const { chatId, ...options } = JSON.parse(address) as {
  baseUrl: string;
  apiKey: string;
  businessId: number;
  chatId: number;
};

const latencies: number[] = [];
let refused = 0;
const market = createChatsClient({
  ...options,
  onAttempt({ durationMs, status }) {
    latencies.push(durationMs);
    refused += status === 420 ? 1 : 0;
  },
});

const burst = 1_000;
const startedAt = performance.now();
await Promise.all(Array.from({ length: burst }, () => market.getChat(chatId)));
const elapsed = performance.now() - startedAt;
console.log(JSON.stringify({ ratio: elapsed / ((burst / 4) * median(latencies)), refused }));
