/** Lets the program at a test server, as somebody's test would. */
import { startMarketServer } from "yandex-market-chats/testing";
import { readChats } from "./read-chats.js";

async function main(): Promise<void> {
  await using server = await startMarketServer({ chats: 42 });
  console.log(`${await readChats(server)} chats`);
}

void main();
