/**
 * Pages of an array that may change between two requests.
 *
 * A page token contains the ID and the position of the last item of its page. If that item has been moved or removed,
 * the listing knows where to resume: it remembers the place of removed items. A listing therefore neither skips nor
 * repeats items that existed when it began, no matter which items are added or removed meanwhile.
 */
import { createHash } from "node:crypto";

export interface Listing<Item> {
  /** May be changed from outside at any time. */
  readonly items: readonly Item[];
  readonly getId: (item: Item) => number;
  /**
   * The index of the first item after an item, by ID, in the order of the items. An item that was removed has the index
   * after its last predecessor that still exists, so an entry of two numbers remains for it.
   */
  readonly next: Map<number, number>;
}

export interface PageRequest<Item> {
  readonly limit: number;
  readonly pageToken: string | undefined;
  /** Identifies the filter: a page token is valid only for the filter and limit that it was issued for. */
  readonly filter: string;
  readonly matches: (item: Item) => boolean;
}

export function createListing<Item>(items: readonly Item[], getId: (item: Item) => number): Listing<Item> {
  const listing: Listing<Item> = { items, getId, next: new Map() };
  updateListing(listing);
  return listing;
}

/**
 * Updates the indexes after a change. New items count as added after removed ones in the same place, so that no token
 * skips them; `listPage` calls this before it issues a token for an item that is new or moved.
 */
function updateListing<Item>({ items, getId, next }: Listing<Item>): void {
  const ids = items.map(getId);
  const existing = new Set(ids);
  // Every item that still exists, and the removed ones that follow it.
  let followers: number[] = [];
  const removedAtStart = followers;
  const removedAfter = new Map<number, number[]>();
  for (const id of next.keys()) {
    if (existing.has(id)) {
      followers = [];
      removedAfter.set(id, followers);
    } else {
      followers.push(id);
    }
  }
  next.clear();
  removedAtStart.forEach((id) => next.set(id, 0));
  ids.forEach((id, position) => {
    next.set(id, position + 1);
    removedAfter.get(id)?.forEach((removedId) => next.set(removedId, position + 1));
  });
}

/** Returns the item with this ID, or undefined if there is none. Searches all items only if they have changed. */
export function findItem<Item>(listing: Listing<Item>, id: number): Item | undefined {
  return findByIndex(listing, id) ?? (updateListing(listing), findByIndex(listing, id));
}

function findByIndex<Item>({ items, getId, next }: Listing<Item>, id: number): Item | undefined {
  const item = items[(next.get(id) ?? 0) - 1];
  return item !== undefined && getId(item) === id ? item : undefined;
}

/** Returns undefined if the page token was not issued for this filter and limit. */
export function listPage<Item>(listing: Listing<Item>, { limit, pageToken, filter, matches }: PageRequest<Item>) {
  const { items, getId, next } = listing;
  const query = `${limit} ${filter}`;
  const start = pageToken === undefined ? 0 : findStart(listing, pageToken, query);
  if (start === undefined) {
    return undefined;
  }
  const page: Item[] = [];
  let nextPageToken: string | undefined;
  let lastId = 0;
  let lastIndex = 0;
  let isOutdated = false;
  for (let index = start; index < items.length && nextPageToken === undefined; index += 1) {
    const item = items[index];
    if (item === undefined || !matches(item)) {
      continue;
    }
    if (page.length === limit) {
      nextPageToken = createToken(lastIndex + 1, lastId, query);
      continue;
    }
    page.push(item);
    [lastId, lastIndex] = [getId(item), index];
    isOutdated ||= next.get(lastId) !== index + 1;
  }
  if (isOutdated) {
    updateListing(listing);
  }
  return { items: page, nextPageToken };
}

/** Characters that a URL must encode: a client that does not encode its tokens fails with the second page. */
const tokenSuffix = "+/=";

/** Creates the token of the page after an item. */
function createToken(index: number, id: number, query: string): string {
  const checksum = createHash("sha256").update(`${index} ${id} ${query}`).digest("base64url").slice(0, 12);
  return Buffer.from(`${index} ${id} ${checksum}`).toString("base64url") + tokenSuffix;
}

/** Returns the index of the first item of a page, or undefined if its token was not issued for this query. */
function findStart<Item>(listing: Listing<Item>, pageToken: string, query: string): number | undefined {
  const [index = NaN, id = NaN] = Buffer.from(pageToken, "base64url").toString().split(" ").map(Number);
  if (createToken(index, id, query) !== pageToken) {
    return undefined;
  }
  const item = listing.items[index - 1];
  if (item !== undefined && listing.getId(item) === id) {
    return index;
  }
  findItem(listing, id); // updates the listing if the item has been moved or removed
  return listing.next.get(id);
}
