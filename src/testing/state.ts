/** The state of a mock server. */
import type { FaultQueue } from "./fault-queue.js";
import type { Settings } from "./options.js";
import { createPaginator } from "./pagination.js";
import { createQuotaCounter } from "./quota.js";
import type { ReceivedRequest } from "./request-log.js";
import { mapOperations } from "./routing.js";

export type ServerState = ReturnType<typeof createServerState>;

export function createServerState(settings: Settings) {
  const { chats, control, quota, quotaPeriod } = settings;
  return {
    settings,
    paginator: createPaginator(chats, ({ chatId }) => chatId),
    initialChats: control ? structuredClone(chats) : [],
    quotas: mapOperations((operation) => createQuotaCounter(quota[operation], quotaPeriod)),
    /** The requests in flight, and whether each is within the limit of concurrent requests. */
    inFlight: new Map<ReceivedRequest, boolean>(),
    peakParallel: 0,
    faults: new Set() as FaultQueue,
    requests: Array<ReceivedRequest>(),
  };
}
