import { Inject, Injectable } from "@nestjs/common";
import { type ChatsClient } from "yandex-market-chats";

export const CHATS_CLIENT = Symbol("CHATS_CLIENT");

@Injectable()
export class ChatsService {
  constructor(@Inject(CHATS_CLIENT) private readonly market: ChatsClient) {}

  async count(): Promise<number> {
    let count = 0;
    for await (const page of this.market.listChats().pages()) {
      count += page.chats.length;
    }
    return count;
  }
}
