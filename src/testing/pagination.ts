/**
 * Pages of an array that may change between two requests.
 *
 * A listing returns the items that exist when it starts: the paginator remembers their IDs in order. A page token names
 * this snapshot and a position in it, so a change of the array neither skips nor repeats an item.
 */
import { createHmac, randomBytes } from "node:crypto";

export interface PageRequest<Item> {
  readonly limit: number;
  readonly pageToken: string | undefined;
  /** Identifies the filter: a page token is valid only for the filter and limit that it was issued for. */
  readonly filter: string;
  readonly matches: (item: Item) => boolean;
}

export type Paginator<Item> = ReturnType<typeof createPaginator<Item>>;

/** Number of listings whose page tokens are valid. Of more, those that were used least recently expire. */
const maxSnapshots = 100;

/** Characters that a URL must encode: a client that does not encode its tokens fails with the second page. */
const tokenSuffix = "+/=";

/** @param items - May be changed from outside at any time. */
export function createPaginator<Item>(items: readonly Item[], getId: (item: Item) => number) {
  const key = randomBytes(16);
  const snapshots = new Map<number, readonly number[]>();
  let snapshotCount = 0;

  /** Signed, so that a token can neither be guessed from another one nor used with another filter or limit. */
  function createToken(snapshot: number, position: number, query: string): string {
    const place = `${snapshot} ${position}`;
    const signature = createHmac("sha256", key).update(`${place} ${query}`).digest("base64url");
    return Buffer.from(`${place} ${signature}`).toString("base64url") + tokenSuffix;
  }

  function readToken(pageToken: string, query: string) {
    const [snapshot = NaN, position = NaN] = Buffer.from(pageToken, "base64url").toString().split(" ").map(Number);
    const ids = snapshots.get(snapshot);
    return ids && createToken(snapshot, position, query) === pageToken ? { snapshot, position, ids } : undefined;
  }

  function keepSnapshot(snapshot: number, ids: readonly number[]): void {
    snapshots.delete(snapshot); // to become the last one
    snapshots.set(snapshot, ids);
    const [oldest = NaN] = snapshots.keys();
    if (snapshots.size > maxSnapshots) snapshots.delete(oldest);
  }

  /** Returns undefined if the page token has expired or was not issued for this filter and limit. */
  function listPage({ limit, pageToken, filter, matches }: PageRequest<Item>) {
    const query = `${limit} ${filter}`;
    const start =
      pageToken === undefined
        ? { snapshot: (snapshotCount += 1), position: 0, ids: items.map(getId) }
        : readToken(pageToken, query);
    if (start === undefined) return undefined;
    const page: Item[] = [];
    let byId: Map<number, Item> | undefined;
    for (let { position, snapshot, ids } = start; position < ids.length; position += 1) {
      const id = ids[position] ?? NaN;
      let item = items[position];
      if (item === undefined || getId(item) !== id) {
        byId ??= new Map(items.map((each) => [getId(each), each]));
        item = byId.get(id);
      }
      if (item === undefined || !matches(item)) continue;
      if (page.length === limit) {
        keepSnapshot(snapshot, ids);
        return { items: page, nextPageToken: createToken(snapshot, position, query) };
      }
      page.push(item);
    }
    return { items: page, nextPageToken: undefined };
  }

  return { listPage, reset: () => snapshots.clear() };
}
