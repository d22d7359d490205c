/** The state of a mock server. */
import { createConcurrencyLimiter } from "./concurrency.js";
import { createQueuedFault, type QueuedFault } from "./fault-queue.js";
import { checkChats, type Settings } from "./options.js";
import { createListing } from "./pagination.js";
import { createQuota } from "./quota.js";
import type { ReceivedRequest } from "./request-log.js";
import { mapOperations } from "./routing.js";

export type Market = ReturnType<typeof createMarket>;

export function createMarket(settings: Settings) {
  const { chats, control, parallelLimit, quota, quotaPeriod } = settings;
  return {
    settings,
    chats: createListing(chats, ({ chatId }) => chatId),
    initialChats: control ? structuredClone(chats) : [],
    quotas: mapOperations((operation) => createQuota(quota[operation], quotaPeriod)),
    limiter: createConcurrencyLimiter(parallelLimit),
    faults: Array<QueuedFault>(),
    requests: Array<ReceivedRequest>(),
  };
}

/** Adds a fault and returns a function that removes it. @throws TypeError or RangeError that names the invalid field. */
export function queueFault({ faults }: Market, fault: unknown, match: unknown): () => void {
  const queued = createQueuedFault(fault, match);
  faults.push(queued);
  return () => {
    if (faults.includes(queued)) {
      faults.splice(faults.indexOf(queued), 1);
    }
  };
}

/** @throws TypeError or RangeError that names the invalid chat. */
export function replaceChats({ settings: { chats } }: Market, replacement: unknown): void {
  const checked = checkChats(replacement);
  chats.length = 0;
  checked.forEach((chat) => chats.push(chat)); // not spread: there may be more chats than a call has arguments
}

/** Restores the initial chats and quotas, and removes all faults and recorded requests. */
export function resetMarket(market: Market): void {
  market.faults.length = 0;
  market.requests.length = 0;
  Object.values(market.quotas).forEach((quota) => (quota.windowEnd = -Infinity));
  replaceChats(market, market.initialChats);
}
