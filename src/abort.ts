/**
 * A promise that the caller's signal rejects with its own `reason`. When it settles it takes its listener off the
 * signal and calls what `begin` handed back.
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
      signal?.removeEventListener("abort", onAbort);
      end?.();
    };
    const onAbort = () => {
      settle();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort);
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
