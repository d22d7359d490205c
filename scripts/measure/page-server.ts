/** A server that does as little as possible: the mock server would hide the differences between the clients. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline, Readable } from "node:stream";
import { sampleChats } from "../../src/testing/index.js";

const page = { status: "OK", result: { chats: sampleChats(20), paging: { nextPageToken: "TOKEN" } } };
const [beforeToken, afterToken] = JSON.stringify(page).split("TOKEN");

export const headers = {
  "Content-Type": "application/json",
  "X-RateLimit-Resource-Limit": "10000",
  "X-RateLimit-Resource-Remaining": "9999",
  "X-RateLimit-Resource-Until": new Date(Date.now() + 3_600_000).toUTCString(),
};

/** The body of a page of 20 chats, as the API sends it. Each page token is the number of its page. */
export function createPage(url = ""): string {
  const [, number = "0"] = /page_token=(\d+)/.exec(url) ?? [];
  return `${beforeToken}${Number(number) + 1}${afterToken}`;
}

/** Returns the base URL. Below `/endless`, a body ends after 300 MB, so that it cannot fill the memory. */
export async function startPageServer(): Promise<string> {
  const megabytes = Array<Buffer>(300).fill(Buffer.alloc(1e6, " "));
  const server = createServer((request, response) => {
    request.resume();
    if (request.url?.startsWith("/endless/") === true) {
      pipeline(Readable.from(megabytes), response.writeHead(200, headers), () => {});
    } else {
      const body = createPage(request.url);
      response.writeHead(200, { ...headers, "Content-Length": Buffer.byteLength(body) }).end(body);
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  server.unref(); // It serves until the process ends.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
