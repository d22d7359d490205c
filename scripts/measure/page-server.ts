/** Servers that do as little as possible: the mock server would hide the differences between the clients. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
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

export const startPageServer = () =>
  startServer((request, response) => {
    const body = Buffer.from(createPage(request.url));
    response.writeHead(200, { ...headers, "Content-Length": body.length }).end(body);
  });

/** The body ends after 300 MB, so that a client that reads all of it does not fill the memory of the machine. */
export const startEndlessServer = () => {
  const spaces = Buffer.alloc(1e6, " ");
  return startServer((_, response) => {
    response.writeHead(200, headers);
    pipeline(Readable.from(Array.from({ length: 300 }, () => spaces)), response, () => {});
  });
};

async function startServer(respond: RequestListener): Promise<AsyncDisposable & { baseUrl: string }> {
  const server = createServer((request, response) => respond(request.resume(), response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
