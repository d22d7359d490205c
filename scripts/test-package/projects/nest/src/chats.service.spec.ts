import { Test } from "@nestjs/testing";
import { createChatsClient } from "yandex-market-chats";
import { startMarketServer } from "yandex-market-chats/testing";
import { CHATS_CLIENT, ChatsService } from "./chats.service";

it("counts the chats", async () => {
  const server = await startMarketServer({ chats: 42 });
  const client = { provide: CHATS_CLIENT, useValue: createChatsClient(server) };
  const module = await Test.createTestingModule({ providers: [ChatsService, client] }).compile();
  expect(await module.get(ChatsService).count()).toBe(42);
  await server.close();
});
