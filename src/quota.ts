import { readRemaining, readReset } from "./rate-limit.js";
import type { ParsedResponse } from "./response.js";

/** The quota of an operation, as far as responses report it. */
export interface Quota {
  /** Requests that remained in the window when a response reported it. Includes those in flight. */
  remaining: number;
  /** When the window ends, by the local clock. From then on requests are permitted, until a response starts the next one. */
  resetsAt: number;
  /** Number of requests in flight. Responses may not have counted them yet. */
  inFlight: number;
}

export const createQuota = (): Quota => ({ remaining: Infinity, resetsAt: 0, inFlight: 0 });

export function permitsRequest({ remaining, inFlight, resetsAt }: Quota): boolean {
  return remaining > inFlight || Date.now() >= resetsAt;
}

export function isExhausted({ remaining, resetsAt }: Quota): boolean {
  return remaining === 0 && Date.now() < resetsAt;
}

/** Servers may report resets of the same window that differ by this many milliseconds. */
const windowTolerance = 2000;

/** @param maxInFlight - While at least as many requests remain and none has to be held back, the reset is not needed. */
export function updateQuota(
  quota: Quota,
  { response: { headers }, receivedAt, exceededLimit }: ParsedResponse,
  maxInFlight: number,
): void {
  const remaining = exceededLimit === "quota" ? 0 : readRemaining(headers);
  const isTracked = Date.now() < quota.resetsAt;
  if (remaining === undefined || (remaining >= maxInFlight && !isTracked)) return; // Dates are slow to parse.
  const resetsAt = readReset(headers, receivedAt);
  if (resetsAt === undefined) return;
  // Of two responses of one window, the one with less remaining is the later one. The earlier reset is more precise: the
  // Date header has no fractions of a second.
  const isSameWindow = isTracked && resetsAt - quota.resetsAt < windowTolerance;
  quota.remaining = isSameWindow ? Math.min(quota.remaining, remaining) : remaining;
  quota.resetsAt = isSameWindow ? Math.min(quota.resetsAt, resetsAt) : resetsAt;
}
