import { parseArgs } from "node:util";
import { chatContextTypes, chatStatuses, chatTypes } from "../index.js";
import { clientOptions, readInteger, readList } from "./arguments.js";
import type { Format } from "./chat-printer.js";
import { UsageError } from "./output.js";

export type ListSettings = ReturnType<typeof readListArguments>;

const text = { type: "string" } as const;
const options = {
  ...clientOptions,
  status: { ...text, multiple: true },
  type: { ...text, multiple: true },
  context: { ...text, multiple: true },
  limit: text,
  "page-token": text,
  sort: text,
  csv: { type: "boolean", default: false },
} as const;

/** @throws UsageError or an error of `parseArgs` that names the invalid option. */
export function readListArguments(args: string[]) {
  const { values } = parseArgs({ args, options });
  const { json, csv, limit, sort, "page-token": pageToken } = values;
  if (json && csv) throw new UsageError("--json and --csv cannot be combined");
  if (sort !== undefined && sort !== "updated") throw new UsageError(`--sort must be updated, not "${sort}"`);
  if (pageToken === "") throw new UsageError("--page-token must not be empty; omit it for the first page");
  const format: Format = json ? "json" : csv ? "csv" : "table";
  return {
    // The API rejects an empty array in a filter.
    filter: {
      ...(values.status && { statuses: readList("--status", values.status, chatStatuses) }),
      ...(values.type && { types: readList("--type", values.type, chatTypes) }),
      ...(values.context && { contextTypes: readList("--context", values.context, chatContextTypes) }),
    },
    /** Maximum number of chats to list. */
    limit: limit === undefined ? Infinity : readInteger("--limit", limit, 1),
    pageToken,
    format,
    isSorted: sort !== undefined,
    allowHttp: values["allow-http"],
  };
}
