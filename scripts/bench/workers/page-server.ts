/** A server that does as little as possible: the mock server would hide the differences between the clients. */
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
