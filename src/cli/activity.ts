/** Changes of `serve --activity`: what customers and operators do in a cabinet. */
import type { Chat } from "../index.js";
import { sampleChats } from "../testing/index.js";
import { pick, type Random } from "./random.js";

/**
 * Returns a function that changes one of the chats: a new chat, a reply of a customer, or a finished chat.
 *
 * @param seed - Seed of the new chats.
 * @param random - Chooses the changes.
 */
export function createActivity(chats: Chat[], seed: number, random: Random): (now: Date) => void {
  let next = chats.length;

  function addChat(now: string): void {
    const [chat] = sampleChats(1, { seed, skip: next });
    next += 1;
    // `PUT /_market/chats` may have created a chat with this ID.
    if (chat === undefined || chats.some(({ chatId }) => chatId === chat.chatId)) return;
    chats.push({ ...chat, type: "CHAT", status: "NEW", createdAt: now, updatedAt: now });
  }

  function changeChat(status: Chat["status"], now: string): void {
    const open = chats.filter((chat) => chat.status !== "FINISHED");
    const chat = pick(open, random);
    if (chat !== undefined) Object.assign(chat, { status, updatedAt: now });
  }

  return (date) => {
    // As the API does, in whole seconds and in the Moscow time zone.
    const now = new Date(date.getTime() + 3 * 3_600_000).toISOString().replace(/\.\d+Z$/, "+03:00");
    const kind = pick(["new", "reply", "finish"], random);
    if (kind === "new") addChat(now);
    else changeChat(kind === "reply" ? "WAITING_FOR_PARTNER" : "FINISHED", now);
  };
}
