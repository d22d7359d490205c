import type { Chat } from "../index.js";
import { csvHeader, toCsvRecord, toJsonLine } from "./format.js";
import { createPaint, logToStderr, print } from "./output.js";
import { createTable, formatCounts, type Table } from "./table.js";
import { printable } from "./text.js";

export type Format = "table" | "json" | "csv";

export function formatAmount(count: number): string {
  return count === 1 ? "1 chat" : `${count} chats`;
}

/** Prints chats in a format, and counts them. */
export interface ChatPrinter {
  readonly printed: number;
  print(chats: readonly Chat[]): Promise<void>;
  /** Prints the number of chats. */
  finish(): Promise<void>;
}

export function createChatPrinter(name: Format): ChatPrinter {
  const counts = new Map<string, number>();
  let printed = 0;
  let hasHeader = false;
  let table: Table | undefined;

  function format(chats: readonly Chat[]): string[] {
    if (name === "json") {
      return chats.map(toJsonLine);
    }
    if (name === "csv") {
      return [...(hasHeader ? [] : [csvHeader]), ...chats.map(toCsvRecord)];
    }
    const { stdout } = process;
    // Some terminals report 0 columns.
    table ??= createTable(chats, stdout.isTTY ? stdout.columns || 80 : Infinity, createPaint(stdout));
    const { header, formatRow } = table;
    const lines = chats.map((chat) => formatRow(chat, Date.now()));
    return [...(hasHeader ? [] : [header]), ...lines].map(
      (line) => `${line}
`,
    );
  }

  return {
    get printed() {
      return printed;
    },
    async print(chats) {
      if (chats.length === 0) {
        return; // The API may return an empty page before other pages.
      }
      await print(format(chats).join(""));
      hasHeader = true;
      printed += chats.length;
      for (const { status } of chats) {
        counts.set(printable(status), (counts.get(printable(status)) ?? 0) + 1);
      }
    },
    async finish() {
      if (name === "csv" && !hasHeader) {
        await print(csvHeader);
      }
      if (name === "table") {
        await print(`${printed > 0 ? "\n" : ""}${formatCounts(counts).join("\n")}\n`);
      } else {
        logToStderr(`${formatAmount(printed)} listed.`);
      }
    },
  };
}
