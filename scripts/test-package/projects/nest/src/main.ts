import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { createChatsClient } from "yandex-market-chats";
import { startMarketServer } from "yandex-market-chats/testing";
import { CHATS_CLIENT, ChatsService } from "./chats.service";

async function main() {
  const server = await startMarketServer({ chats: 42 });
  @Module({ providers: [{ provide: CHATS_CLIENT, useFactory: () => createChatsClient(server) }, ChatsService] })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ["error"] });
  console.log(`${await app.get(ChatsService).count()} chats`);
  await server.close();
}

void main();
