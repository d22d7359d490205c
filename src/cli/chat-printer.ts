import { type Chat, chatStatuses } from "../index.js";
import { createCsv, toJsonLine } from "./format.js";
import { logToStderr, writeToStdout, printable } from "./output.js";
import { createTable } from "./table.js";

export const formatCount = (count: number) => (count === 1 ? "1 chat" : `${count} chats`);

type FormatOptions = { readonly json?: boolean; readonly csv?: boolean; readonly delimiter?: string };

function createFormatter({ json, csv, delimiter }: FormatOptions) {
  if (json) return { isTable: false, header: "", format: toJsonLine };
  if (csv || delimiter) return { isTable: false, ...createCsv(delimiter) };
  // Some terminals report 0 columns.
  return { isTable: true, ...createTable(process.stdout.isTTY ? process.stdout.columns || 80 : Infinity) };
}

/** Prints chats to stdout, and counts them. */
export function createChatPrinter(options: FormatOptions) {
  const formatter = createFormatter(options);
  // Starts with the documented statuses, so that they are printed in the documented order.
  const counts = new Map<string, number>(chatStatuses.map((status) => [status, 0]));
  return {
    printed: 0,
    async print(chats: readonly Chat[]) {
      // Without chats, a table has no header.
      if (formatter.isTable && chats.length === 0) return;
      await writeToStdout(formatter.header + chats.map(formatter.format).join(""));
      formatter.header = "";
      this.printed += chats.length;
      const statuses = chats.map(({ status }) => printable(status));
      for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
    },
    /** Prints the number of chats. */
    async finish() {
      if (!formatter.isTable) return logToStderr(`${formatCount(this.printed)} listed.`);
      const rows = [...[...counts].filter(([, count]) => count > 0), ["total", this.printed] as const];
      const lines = rows.map(([name, count]) => `${String(count).padStart(String(this.printed).length)}  ${name}\n`);
      await writeToStdout(`${this.printed > 0 ? "\n" : ""}${lines.join("")}`);
    },
  };
}
