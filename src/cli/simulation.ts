/** What `serve` simulates at random: temporary faults, and the changes that customers and operators make. */
import type { Chat } from "../index.js";
import type { Fault, MarketServer, ReceivedRequest } from "../testing/index.js";
import type { Random } from "../testing/random.js";
import { sampleChats, toMoscowTime } from "../testing/samples.js";

/** Of a 420 for too many concurrent requests. */
const errors = [{ code: "METHOD_FAILURE", message: "Hit rate limit of 4 parallel requests" }];

/** Only temporary faults: a client that retries receives every chat. */
const faults: readonly [Fault, ...Fault[]] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 503 },
  { kind: "status", status: 420, errors },
  { kind: "cut", where: "before" },
  { kind: "cut", where: "head" },
  { kind: "cut", where: "body" },
];

/** Maximum number of consecutive faults of identical requests: the default number of retries of the client. */
const maxConsecutive = 2;

/** Number of remembered requests after which all are forgotten, so that the memory does not grow. */
const maxRemembered = 10_000;

/**
 * Injects faults into a share of the requests.
 *
 * @param rate - Probability of a fault, from 0 to 1.
 * @returns A function to call after each request. It queues a fault again after `DELETE /_market` has removed all.
 */
export function injectRandomFaults(server: MarketServer, rate: number, random: Random): () => void {
  const consecutiveFaults = new Map<string, number>();
  let removeFault = (): void => undefined;

  /** Keeps one fault in the queue, for the next request that `chooseRequest` accepts. */
  function queueFault(): void {
    removeFault();
    removeFault = server.queueFault(random.pick(faults), { when: chooseRequest });
  }

  function chooseRequest({ method, path, query, body }: ReceivedRequest): boolean {
    // A request that is never repeated would stay in the map.
    if (consecutiveFaults.size > maxRemembered) consecutiveFaults.clear();
    const key = JSON.stringify([method, path, query, body]);
    const count = consecutiveFaults.get(key) ?? 0;
    consecutiveFaults.delete(key);
    if (random.next() >= rate || count === maxConsecutive) return false;
    consecutiveFaults.set(key, count + 1);
    queueFault();
    return true;
  }

  queueFault();
  return queueFault;
}

/**
 * Returns a function that changes one of the chats: a new chat, a reply of a customer, or a finished chat.
 *
 * @param seed - Seed of the new chats.
 * @param random - Chooses the changes.
 */
export function createActivity(chats: Chat[], seed: number, random: Random): (now: Date) => void {
  let created = chats.length;
  return (now) => {
    const time = toMoscowTime(now.getTime());
    const status = random.pick(["NEW", "WAITING_FOR_PARTNER", "FINISHED"] as const);
    if (status === "NEW") {
      const [chat] = sampleChats(1, { seed, skip: created });
      created += 1;
      // `PUT /_market/chats` may have created a chat with this ID.
      if (chat === undefined || chats.some(({ chatId }) => chatId === chat.chatId)) return;
      chats.push({ ...chat, type: "CHAT", status, createdAt: time, updatedAt: time });
    } else {
      const open = chats.filter((chat) => chat.status !== "FINISHED");
      Object.assign(open[random.below(open.length)] ?? {}, { status, updatedAt: time });
    }
  };
}
