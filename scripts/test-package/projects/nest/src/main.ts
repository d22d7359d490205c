import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { createChatsClient } from "yandex-market-chats";
import { type MarketServer, startMarketServer } from "yandex-market-chats/testing";
import { CHATS_CLIENT, ChatsService } from "./chats.service";

const MARKET_SERVER = Symbol("MARKET_SERVER");

@Module({
  providers: [
    { provide: MARKET_SERVER, useFactory: () => startMarketServer({ chats: 42 }) },
    {
      provide: CHATS_CLIENT,
      useFactory: (server: MarketServer) => createChatsClient(server),
      inject: [MARKET_SERVER],
    },
    ChatsService,
  ],
})
class AppModule {}

async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ["error"] });
  console.log(`${await app.get(ChatsService).count()} chats`);
  await app.get<MarketServer>(MARKET_SERVER).close();
}

void main();
