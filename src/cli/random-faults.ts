/** Faults of `serve --fault-rate`. */
import type { Fault, MarketServer, ReceivedRequest } from "../testing/index.js";
import { pick, type Random } from "./random.js";

const errors = [{ code: "METHOD_FAILURE", message: "Hit rate limit of 4 parallel requests" }];

/** Only faults that the API documents as temporary: a client that retries receives every chat. */
const faults: readonly Fault[] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 503 },
  { kind: "status", status: 420, errors },
  { kind: "cut", where: "before" },
  { kind: "cut", where: "head" },
  { kind: "cut", where: "body" },
];

/** Maximum number of consecutive faults of identical requests: the default number of retries of the client. */
const maxConsecutive = 2;

/** Maximum number of requests with a fault whose repetition is awaited. */
const maxRemembered = 10_000;

/**
 * Injects faults into a share of the requests.
 *
 * @param rate - Probability of a fault, from 0 to 1.
 * @returns A function to call after each request: `DELETE /_market` removes all faults, and it restores these.
 */
export function injectRandomFaults(server: MarketServer, rate: number, random: Random): () => void {
  if (rate === 0) return () => undefined;
  const consecutive = new Map<string, number>();
  let chosen: Fault | undefined;

  function choose({ method, path, query, body }: ReceivedRequest): Fault | undefined {
    const key = JSON.stringify([method, path, query, body]);
    // Requests that are never repeated would remain.
    if (consecutive.size > maxRemembered) consecutive.clear();
    const count = consecutive.get(key) ?? 0;
    if (random() >= rate || count === maxConsecutive) {
      consecutive.delete(key);
      return undefined;
    }
    consecutive.set(key, count + 1);
    return pick(faults, random);
  }

  // The server asks for each fault in this order, and the first one chooses for all of them.
  const matches = (fault: Fault) => (request: ReceivedRequest) => {
    if (fault === faults[0]) chosen = choose(request);
    return chosen === fault;
  };
  const queue = () => faults.map((fault) => server.queueFault(fault, { when: matches(fault), times: Infinity }));
  let removeFaults = queue();
  return () => {
    removeFaults.forEach((remove) => remove());
    removeFaults = queue();
  };
}
