/**
 * Loaded before an example of the README: the examples talk to the Market, listen on a well-known port and wait for a
 * minute, and none of that should happen in a test. They stay as they are; the ground under them is changed.
 */
import { syncBuiltinESMExports } from "node:module";
import { Server } from "node:net";
import timers from "node:timers/promises";

const { MARKET_URL = "", EXAMPLE_PORT = "0" } = process.env;

const { fetch } = globalThis;
const { setTimeout } = timers;

globalThis.fetch = (input, init) =>
  fetch(String(input).replace("https://api.partner.market.yandex.ru", MARKET_URL), init);

timers.setTimeout = (milliseconds, ...rest) => setTimeout(milliseconds === 60_000 ? 20 : milliseconds, ...rest);
syncBuiltinESMExports();

const { listen } = Server.prototype;
Server.prototype.listen = function listenElsewhere(this: Server, ...parameters: unknown[]) {
  const [port] = parameters;
  return Reflect.apply(listen, this, port === 8080 ? [Number(EXAMPLE_PORT), "127.0.0.1"] : parameters) as Server;
};
