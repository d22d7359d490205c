/**
 * Loaded before an example of the README: the examples talk to the Market, listen on a well-known port and wait for a
 * minute, and none of that should happen in a test. They stay as they are; the ground under them is changed.
 */
import { Server } from "node:net";

const { MARKET_URL = "", EXAMPLE_PORT = "0" } = process.env;

const { fetch, setTimeout } = globalThis;

globalThis.fetch = (input, init) =>
  fetch(String(input).replace("https://api.partner.market.yandex.ru", MARKET_URL), init);

globalThis.setTimeout = Object.assign(
  (callback: () => void, milliseconds?: number) => setTimeout(callback, milliseconds === 60_000 ? 20 : milliseconds),
  setTimeout,
);

const { listen } = Server.prototype;
Server.prototype.listen = function listenElsewhere(this: Server, ...parameters: unknown[]) {
  const [port] = parameters;
  return Reflect.apply(listen, this, port === 8080 ? [Number(EXAMPLE_PORT), "127.0.0.1"] : parameters) as Server;
};
