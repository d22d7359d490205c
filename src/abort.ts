type Callback = (reason: unknown) => void;

/** The callbacks of a signal share one listener: Node.js warns of a leak from the eleventh listener on. */
const sharedListeners = new WeakMap<AbortSignal, ReturnType<typeof createSharedListener>>();

function createSharedListener(signal: AbortSignal) {
  const callbacks = new Set<Callback>();
  const listener = () => {
    const reason = getAbortReason(signal);
    callbacks.forEach((callback) => callback(reason));
  };
  return { callbacks, listener };
}

/** Returns the signal's `reason`, which polyfills may not have. */
function getAbortReason({ reason }: AbortSignal): unknown {
  return reason === undefined ? new DOMException("The call was aborted", "AbortError") : reason;
}

/**
 * Calls the callback when the signal aborts, and not if it has aborted before.
 *
 * @returns A function that removes the callback. Removing the last one also removes the listener from the signal.
 */
export function onAbort(signal: AbortSignal | undefined, callback: Callback): () => void {
  if (signal === undefined) return () => undefined;
  const shared = sharedListeners.get(signal) ?? createSharedListener(signal);
  sharedListeners.set(signal, shared);
  const { callbacks, listener } = shared;
  callbacks.add(callback);
  signal.addEventListener("abort", listener); // Has no effect if the signal has this listener.
  return () => {
    callbacks.delete(callback);
    if (callbacks.size === 0) signal.removeEventListener("abort", listener);
  };
}

/** Polyfills have no `signal.throwIfAborted()`. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw getAbortReason(signal);
}

/**
 * Creates a promise that rejects with the abort reason when the signal aborts. The executor returns a function that is
 * called when the promise has settled. `AbortSignal.any` and `AbortSignal.timeout` would be shorter, but on Node.js 20
 * they can lose the timeout to garbage collection, and accumulate listeners on a long-lived signal.
 */
export async function abortable<Value>(
  signal: AbortSignal | undefined,
  executor: (resolve: (value: Value) => void, reject: (reason: unknown) => void) => () => void,
): Promise<Value> {
  throwIfAborted(signal);
  let cleanUp: (() => void)[] = [];
  try {
    return await new Promise<Value>((resolve, reject) => {
      cleanUp = [onAbort(signal, reject), executor(resolve, reject)];
    });
  } finally {
    cleanUp.forEach((remove) => remove());
  }
}

export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return abortable(signal, (resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    return () => clearTimeout(timer);
  });
}
