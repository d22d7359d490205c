import type { Chat } from "../index.js";
import { createCsvHeader, toCsvRecord, toJsonLine } from "./format.js";
import { createPaint, logToStderr, print } from "./output.js";
import { createTable, formatCounts } from "./table.js";
import { printable } from "./text.js";

export type Format = "table" | "json" | "csv";

export function formatAmount(count: number): string {
  return count === 1 ? "1 chat" : `${count} chats`;
}

/** Prints chats to stdout, and counts them. */
export function createChatPrinter(format: Format, delimiter: string) {
  const counts = new Map<string, number>();
  let formatter: ReturnType<typeof createFormatter> | undefined;

  /** The widths of a table fit the first chats. */
  function createFormatter(firstChats: readonly Chat[]) {
    if (format === "json") return { header: "", format: toJsonLine };
    if (format === "csv") {
      return { header: createCsvHeader(delimiter), format: (chat: Chat) => toCsvRecord(chat, delimiter) };
    }
    const { isTTY, columns } = process.stdout;
    // Some terminals report 0 columns.
    return createTable(firstChats, isTTY ? columns || 80 : Infinity, createPaint(process.stdout));
  }

  return {
    printed: 0,
    async print(chats: readonly Chat[]) {
      // Without chats, a table has no header, and its widths are still unknown.
      if (chats.length === 0 && format === "table") return;
      const lines = formatter === undefined ? [(formatter = createFormatter(chats)).header] : [];
      await print([...lines, ...chats.map(formatter.format)].join(""));
      this.printed += chats.length;
      for (const status of chats.map((chat) => printable(chat.status))) {
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
    },
    /** Prints the number of chats. */
    async finish() {
      if (format !== "table") return logToStderr(`${formatAmount(this.printed)} listed.`);
      await print(`${this.printed > 0 ? "\n" : ""}${formatCounts(counts)}`);
    },
  };
}
