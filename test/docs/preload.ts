/**
 * Loaded before an example that runs as a program. The examples call the real API, listen on port 8080 and wait for a
 * minute; a test must not.
 */
import { syncBuiltinESMExports } from "node:module";
import { type AddressInfo, Server } from "node:net";
import timers from "node:timers/promises";

const { YANDEX_MARKET_BASE_URL = "" } = process.env;

const { fetch } = globalThis;
const { setTimeout } = timers;

globalThis.fetch = (input, init) =>
  fetch(String(input).replace("https://api.partner.market.yandex.ru", YANDEX_MARKET_BASE_URL), init);

timers.setTimeout = (milliseconds, ...rest) => setTimeout(milliseconds === 60_000 ? 20 : milliseconds, ...rest);
syncBuiltinESMExports();

const { listen } = Server.prototype;
Server.prototype.listen = function listenOnFreePort(this: Server, ...parameters: unknown[]) {
  const isExample = parameters[0] === 8080;
  if (isExample) this.once("listening", () => console.error(`port ${(this.address() as AddressInfo).port}`));
  return Reflect.apply(listen, this, isExample ? [0, "127.0.0.1"] : parameters) as Server;
};

// Windows has no signals between processes.
process.on("message", (signal: string) => process.emit(signal as "SIGTERM", "SIGTERM"));
process.channel?.unref();
