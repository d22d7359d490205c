/** Chats for other programs: NDJSON and CSV. */
import type { Chat } from "../index.js";

/** Returns the chat as one line. Escapes characters that a terminal or a program that splits lines could interpret. */
export function toJsonLine(chat: Chat): string {
  const line = JSON.stringify(chat).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${line}\n`;
}

const fields: Readonly<Record<string, (chat: Partial<Chat>) => unknown>> = {
  chatId: ({ chatId }) => chatId,
  type: ({ type }) => type,
  status: ({ status }) => status,
  contextType: ({ context }) => context?.type,
  orderId: ({ context, orderId }) => context?.orderId ?? orderId,
  returnId: ({ context }) => context?.returnId,
  campaignId: ({ context }) => context?.campaignId,
  customerName: ({ context }) => context?.customer?.name,
  customerPublicId: ({ context }) => context?.customer?.publicId,
  createdAt: ({ createdAt }) => createdAt,
  updatedAt: ({ updatedAt }) => updatedAt,
};

/** Starts with a byte order mark: without it, Excel does not read the file as UTF-8. */
export const csvHeader = `\ufeff${Object.keys(fields).join(",")}\r\n`;

/** Returns the chat as a CSV record (RFC 4180). */
export function toCsvRecord(chat: Chat): string {
  const values = Object.values(fields).map((getValue) => toCsvField(getValue(chat)));
  return `${values.join(",")}\r\n`;
}

function toCsvField(value: unknown): string {
  if (typeof value !== "string") return typeof value === "number" ? String(value) : "";
  const text = value.replace(/[^\P{Cc}\t\r\n]/gu, " ");
  // Customers choose their names, and a spreadsheet would run a name such as `=HYPERLINK(…)` as a formula. It shows a
  // field that starts with an apostrophe as text.
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
