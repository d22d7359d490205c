/** Asks for a thousand chats at once, and tells the ratio to the least time that four at once could take. */
import { createChatsClient } from "../../../src/index.js";

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

const fire = (burst: number) => Promise.all(Array.from({ length: burst }, () => market.getChat(chatId)));

await fire(100); // for what the runtime loads and compiles once
latencies.length = 0;
const startedAt = performance.now();
await fire(1_000);
const elapsed = performance.now() - startedAt;
const leastTime = latencies.reduce((sum, latency) => sum + latency, 0) / 4;
console.log(JSON.stringify({ ratio: elapsed / leastTime, refused }));
