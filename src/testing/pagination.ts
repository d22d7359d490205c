/**
 * Pages of an array that may change between two requests.
 *
 * A listing returns the items that exist when it starts: the paginator remembers their IDs in order. A page token is a
 * position in it, so a change of the array neither skips nor repeats an item.
 */
import { randomUUID } from "node:crypto";

export interface PageRequest<Item> {
  readonly limit: number;
  readonly pageToken: string | undefined;
  /** Identifies the filter: a page token is valid only for the filter and limit that it was issued for. */
  readonly filter: string;
  readonly matches: (item: Item) => boolean;
}

interface Listing {
  /** The filter and the limit. */
  readonly query: string;
  readonly ids: readonly number[];
  /** The position in `ids` of the page that a page token refers to. */
  readonly positions: Map<string, number>;
}

/** Number of listings whose page tokens are valid. Of more, those that were used least recently expire. */
const maxListings = 100;

/** Characters that a URL must encode: a client that does not encode its tokens fails with the second page. */
const tokenSuffix = "+/=";

/** @param items - May be changed from outside at any time. */
export function createPaginator<Item>(items: readonly Item[], getId: (item: Item) => number) {
  const listings = new Set<Listing>();

  function createToken(listing: Listing, position: number): string {
    const token = Buffer.from(randomUUID()).toString("base64url") + tokenSuffix;
    listing.positions.set(token, position);
    listings.delete(listing); // to become the last one
    listings.add(listing);
    const [oldest = listing] = listings;
    if (listings.size > maxListings) listings.delete(oldest);
    return token;
  }

  function findListing(pageToken: string | undefined, query: string): Listing | undefined {
    if (pageToken === undefined) return { query, ids: items.map(getId), positions: new Map() };
    return [...listings].find((listing) => listing.query === query && listing.positions.has(pageToken));
  }

  /** Returns undefined if the page token has expired or was not issued for this filter and limit. */
  function listPage({ limit, pageToken, filter, matches }: PageRequest<Item>) {
    const listing = findListing(pageToken, `${limit} ${filter}`);
    if (listing === undefined) return undefined;
    const { ids, positions } = listing;
    const page: Item[] = [];
    let byId: Map<number, Item> | undefined;
    for (let position = positions.get(pageToken ?? "") ?? 0; position < ids.length; position += 1) {
      const id = ids[position] ?? NaN;
      let item = items[position];
      if (item === undefined || getId(item) !== id) {
        byId ??= new Map(items.map((each) => [getId(each), each]));
        item = byId.get(id);
      }
      if (item === undefined || !matches(item)) continue;
      if (page.length === limit) return { items: page, nextPageToken: createToken(listing, position) };
      page.push(item);
    }
    return { items: page, nextPageToken: undefined };
  }

  return { listPage, reset: () => listings.clear() };
}
