import { sampleChats } from "../../src/testing/index.js";

export const apiKey = "ACMA:ThisKeyIsMadeUpForTheBenchmark00000000000:00000000";
export const businessId = 123_456;

const [before, after] = JSON.stringify({
  status: "OK",
  result: { chats: sampleChats(20), paging: { nextPageToken: "TOKEN" } },
}).split("TOKEN");

/** The body of a page of 20 chats, as the API sends it. */
export function pageBody(nextPage: number): string {
  return `${before}${nextPage}${after}`;
}

export const pageHeaders = {
  "Content-Type": "application/json",
  "X-RateLimit-Resource-Limit": "10000",
  "X-RateLimit-Resource-Remaining": "9999",
  "X-RateLimit-Resource-Until": new Date(Date.now() + 3_600_000).toUTCString(),
};
