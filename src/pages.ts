/** From page to page by token. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/pagination */
import { listenForAbort } from "./abort.js";
import { type Call, ResponseError } from "./errors.js";
import type { ChatsPage } from "./generated/types.js";
import { isWellFormed } from "./options.js";

/** A page, and the call that brought it. */
export interface FetchedPage {
  page: ChatsPage;
  call: Call;
}

export type FetchPage = (pageToken: string | undefined, signal: AbortSignal | undefined) => Promise<FetchedPage>;

export interface PagesOptions {
  /** Where to begin. */
  pageToken: string | undefined;
  signal: AbortSignal | undefined;
  /** Whether the next page is asked for while the consumer is at work on one. */
  prefetch: boolean;
}

/** Every page from `pageToken` on. A page is checked before it is yielded, so that a listing resumes at the token. */
export async function* iteratePages(
  fetchPage: FetchPage,
  { pageToken, signal, prefetch }: PagesOptions,
): AsyncGenerator<ChatsPage, void, undefined> {
  const comesRound = createCycleGuard();
  if (pageToken !== undefined) {
    comesRound(pageToken);
  }
  // What is fetched ahead has to end with the caller's signal, and also when the consumer leaves the loop.
  const ahead = new AbortController();
  const endAhead = () => ahead.abort(signal?.reason);
  const stopListening = listenForAbort(signal, endAhead);
  try {
    let fetched = await fetchPage(pageToken, signal);
    for (;;) {
      const next = nextPageToken(fetched);
      if (next === undefined) {
        yield fetched.page;
        return;
      }
      if (comesRound(next)) {
        throw new ResponseError(fetched.call, 200, "paging.nextPageToken comes round again: the listing would not end");
      }
      const coming = prefetch ? fetchPage(next, ahead.signal) : undefined;
      coming?.catch(() => undefined); // It is looked at when its turn comes; until then it is nobody's.
      yield fetched.page;
      signal?.throwIfAborted();
      fetched = await (coming ?? fetchPage(next, signal));
    }
  } finally {
    stopListening();
    endAhead();
  }
}

/** Undefined on the last page. An empty page need not be the last one. */
function nextPageToken({ page, call }: FetchedPage): string | undefined {
  const token: unknown = page.paging?.nextPageToken;
  if (token === undefined || token === null || token === "") {
    return undefined;
  }
  if (typeof token !== "string" || !isWellFormed(token)) {
    throw new ResponseError(call, 200, "paging.nextPageToken is not a text that can be sent back");
  }
  return token;
}

/** How many tokens are remembered one by one. */
const rememberedTokens = 1000;

/** Tells whether a token has been there before. */
function createCycleGuard(): (token: string) => boolean {
  const seen = new Set<string>();
  let count = 0;
  return (token) => {
    if (seen.has(token)) {
      return true;
    }
    count += 1;
    // After the first thousand only every token whose number is a power of two: sooner or later one of them lies on
    // the cycle, wherever that begins and however long it is, and memory grows with the logarithm of the pages.
    if (count <= rememberedTokens || Number.isInteger(Math.log2(count))) {
      seen.add(token);
    }
    return false;
  };
}
