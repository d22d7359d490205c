import { Test } from "@nestjs/testing";
import { createChatsClient } from "yandex-market-chats";
import { type MarketServer, startMarketServer } from "yandex-market-chats/testing";
import { CHATS_CLIENT, ChatsService } from "./chats.service";

describe("ChatsService", () => {
  let server: MarketServer;

  beforeEach(async () => {
    server = await startMarketServer({ chats: 42 });
  });

  afterEach(() => server.close());

  it("counts the chats", async () => {
    const module = await Test.createTestingModule({
      providers: [ChatsService, { provide: CHATS_CLIENT, useValue: createChatsClient(server) }],
    }).compile();
    expect(await module.get(ChatsService).count()).toBe(42);
  });
});
