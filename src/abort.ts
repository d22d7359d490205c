/** Who listens to a signal, and how the one listener that is on it comes off again. */
interface Audience {
  readonly listeners: Set<() => void>;
  readonly leave: () => void;
}

const audiences = new WeakMap<AbortSignal, Audience>();

function createAudience(signal: AbortSignal): Audience {
  const listeners = new Set<() => void>();
  const onAbort = () => {
    audience.leave();
    listeners.forEach((listener) => listener());
  };
  const audience: Audience = {
    listeners,
    leave() {
      signal.removeEventListener("abort", onAbort);
      audiences.delete(signal);
    },
  };
  signal.addEventListener("abort", onAbort);
  audiences.set(signal, audience);
  return audience;
}

/**
 * Calls the listener when the signal is aborted. However many listen, there is one listener on the signal: hundreds of
 * calls may share it, and Node warns of a leak from the eleventh on.
 *
 * @returns what takes the listener away. With the last one the signal is as it was.
 */
export function listenForAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) {
    return () => undefined;
  }
  const audience = audiences.get(signal) ?? createAudience(signal);
  audience.listeners.add(listener);
  return () => {
    if (audience.listeners.delete(listener) && audience.listeners.size === 0) {
      audience.leave();
    }
  };
}

/**
 * A promise that the caller's signal rejects with its own `reason`. When it settles it calls what `begin` handed back,
 * and no longer listens to the signal.
 *
 * By hand: `AbortSignal.any` with `AbortSignal.timeout` can lose the timeout to the garbage collector on Node 20, and
 * piles up listeners on a signal that lives for long.
 */
export function abortable<Value>(
  signal: AbortSignal | undefined,
  begin: (resolve: (value: Value) => void, reject: (reason: unknown) => void) => () => void,
): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    signal?.throwIfAborted();
    let isSettled = false;
    let end: (() => void) | undefined;
    const settle = () => {
      isSettled = true;
      stopListening();
      end?.();
    };
    const stopListening = listenForAbort(signal, () => {
      settle();
      reject(signal?.reason);
    });
    end = begin(
      (value) => {
        settle();
        resolve(value);
      },
      (reason) => {
        settle();
        reject(reason);
      },
    );
    if (isSettled) {
      end(); // aborted by what `begin` called
    }
  });
}
