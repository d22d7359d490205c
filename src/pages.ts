/** Pagination by token. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/pagination */
import { onAbort, throwIfAborted } from "./abort.js";
import { isRecord } from "./check.js";
import { withCallerStack } from "./errors.js";
import type { PageOptions } from "./options.js";

/** Creates the error for a response that is not in the documented format. */
type CreateError = (problem: string) => Error;

/** A page, and the parts of it that pagination depends on. */
interface FetchedPage<Page, Item> {
  readonly page: Page;
  readonly items: readonly Item[];
  readonly nextPageToken: string | undefined;
  readonly createError: CreateError;
}

type FetchPage<Page, Item> = (options: Pick<PageOptions, "pageToken" | "signal">) => Promise<FetchedPage<Page, Item>>;

/** Checks the parts of a page that pagination depends on. An empty page is not necessarily the last one. */
export function toFetchedPage<Page extends { paging?: { nextPageToken?: string } }, Item>(
  page: Page,
  items: readonly Item[],
  createError: CreateError,
): FetchedPage<Page, Item> {
  const token: unknown = page.paging?.nextPageToken ?? "";
  const list: unknown = items;
  const isList = Array.isArray(list) && list.every(isRecord);
  if (!isList) throw createError('"result" contains no array of objects');
  const isToken = typeof token === "string" && token.isWellFormed();
  if (!isToken) throw createError('"paging.nextPageToken" cannot be sent back');
  return { page, items, nextPageToken: token || undefined, createError };
}

/** Creates an iterable of items, whose `pages()` is an iterable of pages. Each iteration starts over. */
export function createListing<Page, Item>(options: PageOptions, fetchPage: FetchPage<Page, Item>) {
  const iterate = <Value>(getValues: (fetched: FetchedPage<Page, Item>) => readonly Value[]) => ({
    [Symbol.asyncIterator]() {
      const controller = new AbortController();
      return createIterator(generateValues(options, fetchPage, getValues, controller), controller);
    },
  });
  return { ...iterate(({ items }) => items), pages: () => iterate(({ page }) => [page]) };
}

/** @param controller - Aborts the request for a page. */
async function* generateValues<Page, Item, Value>(
  { pageToken, prefetch, signal }: PageOptions,
  fetchPage: FetchPage<Page, Item>,
  getValues: (fetched: FetchedPage<Page, Item>) => readonly Value[],
  controller: AbortController,
) {
  const tokens = new Set([pageToken]);
  let removeCallback = (): void => undefined;
  const request = (token: string | undefined) => {
    throwIfAborted(signal);
    // Only during the request, because an iterator may never be closed.
    removeCallback = onAbort(signal, (reason) => controller.abort(reason));
    return fetchPage({ pageToken: token, signal: controller.signal }).finally(removeCallback);
  };
  try {
    let requested = request(pageToken);
    for (;;) {
      const fetched = await withCallerStack(requested, controller.signal);
      const next = fetched.nextPageToken;
      const isRepeated = next !== undefined && tokens.has(next);
      const mayPrefetch = prefetch && !isRepeated && !signal?.aborted;
      const prefetched = mayPrefetch && next !== undefined ? request(next) : undefined;
      prefetched?.catch(() => undefined); // It is awaited when the page has been processed.
      for (const value of getValues(fetched)) {
        yield value;
        throwIfAborted(signal);
      }
      if (next === undefined) return;
      if (isRepeated) throw fetched.createError('"paging.nextPageToken" repeats an earlier one: infinite loop stopped');
      tokens.add(next);
      requested = prefetched ?? request(next);
    }
  } finally {
    removeCallback();
  }
}

/**
 * Creates an iterator whose `return()` and `throw()` abort the request for a page: one that a pending `next()` waits
 * for, or a prefetched one. A generator alone would complete the pending `next()` first.
 */
function createIterator<Value>(generator: AsyncGenerator<Value, void, undefined>, controller: AbortController) {
  let isClosed = false;
  const close = () => {
    isClosed = true;
    controller.abort();
  };
  const iterator: AsyncIterableIterator<Value, void, undefined> = {
    async next() {
      try {
        const result = await generator.next();
        if (!isClosed) return result;
      } catch (error) {
        if (!isClosed) throw error;
      }
      return { done: true, value: undefined };
    },
    return() {
      close();
      return generator.return();
    },
    throw(error) {
      close();
      return generator.throw(error);
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
