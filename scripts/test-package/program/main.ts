/** Runs the program against the mock server. */
import { startMarketServer } from "yandex-market-chats/testing";
import { readChats } from "./read-chats.js";

async function main(): Promise<void> {
  await using server = await startMarketServer({ chats: 42 });
  console.log(`${await readChats(server)} chats`);
}

void main();
