/**
 * The chats of a cabinet, page by page, in the order of the array that the test holds in its hands.
 *
 * A page token names the last chat that was seen, and says where it stood. So a listing goes on right after that chat,
 * whatever has been added before or behind it in the meantime: a chat that was there when the listing began comes up
 * exactly once. If nothing was added before it, it still stands where it did, and a page costs the same however many
 * chats there are.
 */
import { createHash } from "node:crypto";
import type { Chat, ChatsFilter, ChatsPage } from "../generated/types.js";
import { createMatcher, describeFilter } from "./filter.js";

export interface Listing {
  /** Changed from outside at any time. */
  readonly chats: Chat[];
  /** Where the chats stood when they were last numbered, by ID. */
  readonly positions: Map<number, number>;
}

export function createListing(chats: Chat[]): Listing {
  return { chats, positions: new Map() };
}

export function findChat(listing: Listing, chatId: number): Chat | undefined {
  const position = findPosition(listing, chatId);
  return position === undefined ? undefined : listing.chats[position];
}

function findPosition({ chats, positions }: Listing, chatId: number): number | undefined {
  const known = positions.get(chatId);
  if (known !== undefined && chats[known]?.chatId === chatId) {
    return known;
  }
  // It is new, or has been moved, or is not there: only a look at all of them can tell.
  positions.clear();
  chats.forEach((chat, position) => positions.set(chat.chatId, position));
  return positions.get(chatId);
}

/** Where a page token leads: behind the chat with this ID, which stood at this position. */
interface Bookmark {
  readonly position: number;
  readonly chatId: number;
}

/** Undefined if the token is none of this filter and limit. */
export function listPage(
  listing: Listing,
  filter: ChatsFilter,
  limit: number,
  pageToken: string | undefined,
): ChatsPage | undefined {
  const query = `${limit} ${describeFilter(filter)}`;
  const start = pageToken === undefined ? 0 : findStart(listing, pageToken, query);
  if (start === undefined) {
    return undefined;
  }
  const matches = createMatcher(filter);
  const chats: Chat[] = [];
  let last: Bookmark | undefined;
  for (let position = start; position < listing.chats.length; position += 1) {
    const chat = listing.chats[position];
    if (chat === undefined || !matches(chat)) {
      continue;
    }
    if (chats.length === limit && last !== undefined) {
      return { chats, paging: { nextPageToken: writeToken(last, query) } };
    }
    chats.push(chat);
    last = { position, chatId: chat.chatId };
  }
  return { chats };
}

function findStart(listing: Listing, pageToken: string, query: string): number | undefined {
  const bookmark = readToken(pageToken, query);
  if (bookmark === undefined) {
    return undefined;
  }
  const { position, chatId } = bookmark;
  if (listing.chats[position]?.chatId === chatId) {
    return position + 1;
  }
  const moved = findPosition(listing, chatId);
  // If the chat has been taken away, its successor has moved up to its place.
  return moved === undefined ? position : moved + 1;
}

/** What a URL must encode: a client that does not encode its tokens is found out with the second page. */
const tokenEnd = "+/=";

function writeToken({ position, chatId }: Bookmark, query: string): string {
  const seal = createHash("sha256").update(`${position} ${chatId} ${query}`).digest("base64url").slice(0, 12);
  return Buffer.from(`${position} ${chatId} ${seal}`).toString("base64url") + tokenEnd;
}

/** Undefined for a token that `writeToken` has not written for this very query. */
function readToken(token: string, query: string): Bookmark | undefined {
  const [position = "", chatId = ""] = Buffer.from(token, "base64url").toString().split(" ");
  const bookmark = { position: Number(position), chatId: Number(chatId) };
  return writeToken(bookmark, query) === token ? bookmark : undefined;
}
