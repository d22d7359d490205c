/** Changes of `serve --activity`: what customers and operators do in a cabinet. */
import type { Chat } from "../index.js";
import { sampleChats } from "../testing/index.js";
import { pick, type Random } from "./random.js";

interface ActivityOptions {
  /** Seed of the new chats. */
  readonly seed: number;
  /** Number of sample chats that exist at the start. */
  readonly skip: number;
  readonly random: Random;
}

/** Returns a function that changes one of the chats: a new chat, a reply of a customer, or a finished chat. */
export function createActivity(chats: Chat[], { seed, skip, random }: ActivityOptions): (now: Date) => void {
  let next = skip;

  function addChat(now: string): void {
    const [chat] = sampleChats(1, { seed, skip: next });
    next += 1;
    if (chat === undefined || chats.some(({ chatId }) => chatId === chat.chatId)) {
      return; // `PUT /_market/chats` may have created a chat with this ID.
    }
    chats.push({ ...chat, type: "CHAT", status: "NEW", createdAt: now, updatedAt: now });
  }

  function changeChat(status: Chat["status"], now: string): void {
    const open = chats.filter((chat) => chat.status !== "FINISHED" && chat.status !== status);
    const chat = pick(open, random);
    if (chat !== undefined) {
      chat.status = status;
      chat.updatedAt = now;
    }
  }

  return (date) => {
    // As the API does, in whole seconds and in the Moscow time zone.
    const now = new Date(date.getTime() + 3 * 3_600_000).toISOString().replace(/\.\d+Z$/, "+03:00");
    const kind = random();
    if (kind < 1 / 3) {
      addChat(now);
    } else {
      changeChat(kind < 2 / 3 ? "WAITING_FOR_PARTNER" : "FINISHED", now);
    }
  };
}
