/** Chats for other programs: NDJSON and CSV. */
import type { Chat } from "../index.js";
import { getOrderId } from "./table.js";

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
  orderId: getOrderId,
  returnId: ({ context }) => context?.returnId,
  campaignId: ({ context }) => context?.campaignId,
  customerName: ({ context }) => context?.customer?.name,
  customerPublicId: ({ context }) => context?.customer?.publicId,
  createdAt: ({ createdAt }) => createdAt,
  updatedAt: ({ updatedAt }) => updatedAt,
};

/** Starts with a byte order mark: without it, Excel does not read the file as UTF-8. */
export function createCsvHeader(delimiter: string): string {
  return `\ufeff${Object.keys(fields).join(delimiter)}\r\n`;
}

/** Returns the chat as a CSV record (RFC 4180). */
export function toCsvRecord(chat: Chat, delimiter: string): string {
  const values = Object.values(fields).map((getValue) => toCsvField(getValue(chat)));
  return `${values.join(delimiter)}\r\n`;
}

/**
 * The beginning of a formula, full-width characters included, in a text or in a part of it: a spreadsheet may split at
 * another delimiter than ours, and it may ignore white space and quotation marks.
 */
const formulaStart = /(?<=^|[;,\t\r\n])(?=(?:"|[^\S\t\r\n])*[=+\-@＝＋－＠])/g;

/** What a spreadsheet shows in another form: without leading zeros, rounded, or as 1.2E+11. */
const alteredNumber = /^(\d{12,}|0\d+|\d+(\.\d+)?e\d+)$/i;

function toCsvField(value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  // Customers choose their names, and a spreadsheet would run a name such as `=HYPERLINK(…)` as a formula. It shows what
  // begins with an apostrophe as text.
  const safe = text.replace(/[^\P{Cc}\t\r\n]/gu, " ").replace(formulaStart, "'");
  // After a tab, a spreadsheet reads text. Others skip white space before a number, but not an apostrophe or `="…"`.
  const exact = alteredNumber.test(safe) ? `\t${safe}` : safe;
  return /[",;\t\r\n]/.test(exact) ? `"${exact.replaceAll('"', '""')}"` : exact;
}
