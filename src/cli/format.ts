/** Chats for other programs: NDJSON and CSV. */
import type { Chat } from "../index.js";
import { getOrderId } from "./table.js";

/** Returns the chat as one line. Escapes characters that a terminal or a program that splits lines could interpret. */
export function toJsonLine(chat: Chat): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${JSON.stringify(chat).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, escape)}\n`;
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

/** CSV as RFC 4180 defines it. The byte order mark lets Excel read the file as UTF-8. */
export function createCsv(delimiter = ",") {
  const formatRecord = (values: readonly unknown[]) => `${values.map(toCsvField).join(delimiter)}\r\n`;
  return {
    header: `\ufeff${formatRecord(Object.keys(fields))}`,
    format: (chat: Chat) => formatRecord(Object.values(fields).map((getValue) => getValue(chat))),
  };
}

/**
 * The beginning of a formula, full-width characters included, in a text or in a part of it: a spreadsheet may split at
 * another delimiter than ours, and it may ignore white space and quotation marks.
 */
const formulaStart = /(?<=^|[;,\t\r\n])(?=(?:"|[^\S\t\r\n])*[=+\-@＝＋－＠])/g;

/** What a spreadsheet shows in another form: without leading zeros, rounded, or as 1.2E+11. */
const alteredNumber = /^(\d{12,}|0\d+|\d+(\.\d+)?e[+-]?\d+)$/i;

function toCsvField(value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  // Customers choose their names, and a spreadsheet would run a name such as `=HYPERLINK(…)` as a formula. It shows
  // what begins with an apostrophe as text.
  const safe = text.replace(/(?![\t\r\n])\p{Cc}/gu, " ").replace(formulaStart, "'");
  // After a tab, a spreadsheet reads text. Other programs still read a number, unlike after an apostrophe or in `="…"`.
  const exact = alteredNumber.test(safe) ? `\t${safe}` : safe;
  return /[",;\t\r\n]/.test(exact) ? `"${exact.replaceAll('"', '""')}"` : exact;
}
