/**
 * Pages of an array that may change between two requests.
 *
 * A listing returns the items that exist when it starts: the paginator remembers their IDs in order. A page token names
 * the listing and a position in it, so a change of the array neither skips nor repeats an item.
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
  readonly id: string;
  /** The filter and the limit. */
  readonly query: string;
  readonly ids: readonly number[];
}

/** Number of listings that are kept. For another one, the listing that has received no page token for longest expires. */
const maxListings = 100;

/** Characters that a URL must encode: a client that does not encode its tokens fails with the second page. */
const tokenSuffix = "+/=";

const createToken = ({ id }: Listing, position: number) =>
  Buffer.from(`${id} ${position}`).toString("base64url") + tokenSuffix;

/** @param items - May be changed from outside at any time. */
export function createPaginator<Item>(items: readonly Item[], getId: (item: Item) => number) {
  const listings = new Map<string, Listing>();

  function keepListing(listing: Listing): void {
    listings.delete(listing.id); // To become the last one.
    listings.set(listing.id, listing);
    const [oldest = ""] = listings.keys();
    if (listings.size > maxListings) listings.delete(oldest);
  }

  function findPosition(pageToken: string | undefined, query: string) {
    if (pageToken === undefined) return { listing: { id: randomUUID(), query, ids: items.map(getId) }, start: 0 };
    const [id = "", position] = Buffer.from(pageToken.slice(0, -tokenSuffix.length), "base64url").toString().split(" ");
    const listing = listings.get(id);
    const start = Number(position);
    return listing?.query === query && createToken(listing, start) === pageToken ? { listing, start } : undefined;
  }

  /** Returns undefined if the page token has expired or was not issued for this filter and limit. */
  function listPage({ limit, pageToken, filter, matches }: PageRequest<Item>) {
    const found = findPosition(pageToken, `${limit} ${filter}`);
    if (found === undefined) return undefined;
    const { listing, start } = found;
    const { ids } = listing;
    const page: Item[] = [];
    // Created only if items have moved: in an unchanged array, an item is at its old position.
    let byId: Map<number, Item> | undefined;
    for (let position = start; position < ids.length; position += 1) {
      const id = ids[position] ?? NaN;
      let item = items[position];
      if (item === undefined || getId(item) !== id) {
        byId ??= new Map(items.map((each) => [getId(each), each]));
        item = byId.get(id);
      }
      if (item === undefined || !matches(item)) continue;
      if (page.length === limit) {
        keepListing(listing);
        return { items: page, nextPageToken: createToken(listing, position) };
      }
      page.push(item);
    }
    return { items: page, nextPageToken: undefined };
  }

  return { listPage, reset: () => listings.clear() };
}
