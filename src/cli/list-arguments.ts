import { parseArgs } from "node:util";
import { chatContextTypes, type ChatsFilter, chatStatuses, chatTypes } from "../index.js";
import { clientOptions, readInteger, readList } from "./arguments.js";
import type { Format } from "./chat-printer.js";
import { UsageError } from "./output.js";

export interface ListSettings {
  readonly filter: ChatsFilter;
  /** Maximum number of chats to list. */
  readonly limit: number;
  readonly pageToken: string | undefined;
  readonly format: Format;
  readonly isSorted: boolean;
  readonly allowHttp: boolean;
}

/** @throws UsageError that names the invalid option. */
export function readListArguments(args: string[]): ListSettings {
  const list = { type: "string", multiple: true, default: Array<string>() } as const;
  const { values } = parseArgs({
    args,
    options: {
      ...clientOptions,
      status: list,
      type: list,
      context: list,
      limit: { type: "string" },
      "page-token": { type: "string" },
      sort: { type: "string" },
      csv: { type: "boolean", default: false },
    },
  });
  const statuses = readList("--status", values.status, chatStatuses);
  const types = readList("--type", values.type, chatTypes);
  const contextTypes = readList("--context", values.context, chatContextTypes);
  if (values.json && values.csv) {
    throw new UsageError("--json and --csv cannot be combined");
  }
  if (values.sort !== undefined && values.sort !== "updated") {
    throw new UsageError(`--sort must be updated, not "${values.sort}"`);
  }
  if (values["page-token"] === "") {
    throw new UsageError("--page-token must not be empty; omit it for the first page");
  }
  return {
    // The API rejects an empty array in a filter.
    filter: {
      ...(statuses.length > 0 && { statuses }),
      ...(types.length > 0 && { types }),
      ...(contextTypes.length > 0 && { contextTypes }),
    },
    limit: values.limit === undefined ? Infinity : readInteger("--limit", values.limit, 1),
    pageToken: values["page-token"],
    format: values.json ? "json" : values.csv ? "csv" : "table",
    isSorted: values.sort !== undefined,
    allowHttp: values["allow-http"],
  };
}
