import { sampleChats } from "../../src/testing/index.js";

const [before, after] = JSON.stringify({
  status: "OK",
  result: { chats: sampleChats(20), paging: { nextPageToken: "TOKEN" } },
}).split("TOKEN");

/** The body of a page as the Market sends it, 20 chats, whose next page has this number. */
export function pageBody(next: number): string {
  return `${before}${next}${after}`;
}

/** The headers that come with it. */
export const pageHeaders = {
  "Content-Type": "application/json",
  "X-RateLimit-Resource-Limit": "10000",
  "X-RateLimit-Resource-Remaining": "9999",
  "X-RateLimit-Resource-Until": new Date(Date.now() + 3_600_000).toUTCString(),
};
