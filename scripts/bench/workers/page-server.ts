/**
 * The cheapest server that answers like the Market: it makes one page over and over. The embedded server checks,
 * filters and keeps a log, and its time would hide what the clients differ in.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pageBody, pageHeaders } from "../page.js";

const server = createServer((request, response) => {
  request.resume();
  const [, page = "0"] = /page_token=(\d+)/.exec(request.url ?? "") ?? [];
  const body = Buffer.from(pageBody(Number(page) + 1));
  response.writeHead(200, { ...pageHeaders, "Content-Length": body.length });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
