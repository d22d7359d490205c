/** What the user asks for: by the options on the command line, and by the variables of the environment. */
import { parseArgs } from "node:util";
import {
  chatContextTypes,
  type ChatsClientOptions,
  type ChatsFilter,
  chatStatuses,
  chatTypes,
} from "../../src/index.js";

export const variables = {
  apiKey: "YANDEX_MARKET_API_KEY",
  businessId: "YANDEX_MARKET_BUSINESS_ID",
  baseUrl: "YANDEX_MARKET_BASE_URL",
};

/** What a key needs one of. */
export const scopes = "communication, all-methods and all-methods:read-only";

export interface Settings {
  filter: ChatsFilter;
  /** The most chats to list. */
  limit: number;
  pageToken: string | undefined;
  json: boolean;
  help: boolean;
}

export const help = `Lists the chats of a Yandex Market cabinet. They go to stdout, everything else to stderr.

Usage: npm start -- [options]

  --status <status>     only chats with this status:
${valuesOf(chatStatuses)}
  --type <type>         only chats of this type:
${valuesOf(chatTypes)}
  --context <context>   only chats about this:
${valuesOf(chatContextTypes)}
                        These three take several values: NEW,FINISHED or the option again.
  --limit <number>      list at most so many chats, on however many pages; without it, all
  --page-token <token>  start at this page, as the error that ended a listing names it; the other
                        options must be those of that listing
  --json                one JSON object a line, as the Market sent it, in place of the table
  -h, --help            print this

Environment:
  ${variables.apiKey}      a key of the cabinet, with one of the scopes
                             ${scopes}
  ${variables.businessId}  the cabinet's ID
  ${variables.baseUrl}     another address of the Market: sellers in Uzbekistan use
                             https://api.partner.market.yandex.net
Without any of these, sample chats are listed, from a Market server that runs in this process.

Times in the table are in this machine's time zone.
Exit code: 0, or 1 after an error, or 130 after Ctrl-C.
For pipes, keep npm quiet: npm start --silent -- --json --status NEW | jq .chatId
`;

/** The values of an option, in lines of the help. */
function valuesOf(values: readonly string[]): string {
  const indent = " ".repeat(24);
  return values
    .join(", ")
    .replace(/(.{1,72})(?: |$)/g, `${indent}$1\n`)
    .trimEnd();
}

/** @throws Error that names the option, if one is wrong. */
export function readSettings(commandLine: string[]): Settings {
  const { values } = parseArgs({
    args: commandLine,
    options: {
      status: { type: "string", multiple: true, default: [] },
      type: { type: "string", multiple: true, default: [] },
      context: { type: "string", multiple: true, default: [] },
      limit: { type: "string" },
      "page-token": { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const statuses = readList("--status", values.status, chatStatuses);
  const types = readList("--type", values.type, chatTypes);
  const contextTypes = readList("--context", values.context, chatContextTypes);
  return {
    // The Market takes no empty list for a filter.
    filter: {
      ...(statuses.length > 0 && { statuses }),
      ...(types.length > 0 && { types }),
      ...(contextTypes.length > 0 && { contextTypes }),
    },
    limit: readLimit(values.limit),
    pageToken: values["page-token"],
    json: values.json,
    help: values.help,
  };
}

/** Each value once, since the Market wants the items of a filter unique. */
function readList<Value extends string>(option: string, given: string[], known: readonly Value[]): Value[] {
  const found = new Set<Value>();
  for (const name of given.flatMap((list) => list.split(","))) {
    const value = known.find((candidate) => candidate === name.trim().toUpperCase());
    if (value === undefined) {
      throw new Error(`${option} must be one of ${known.join(", ")}, not "${name}"`);
    }
    found.add(value);
  }
  return [...found];
}

function readLimit(text: string | undefined): number {
  if (text === undefined) {
    return Infinity;
  }
  if (!isId(text)) {
    throw new Error(`--limit must be a whole number from 1, not "${text}"`);
  }
  return Number(text);
}

/** A positive integer that JavaScript can hold. */
function isId(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number.isSafeInteger(Number(text));
}

/**
 * The cabinet that the environment names, or undefined if it names none. A variable that is empty counts as not set.
 *
 * @throws Error that names the variable, if one is wrong or missing beside another.
 */
export function readCabinet(environment: NodeJS.ProcessEnv): ChatsClientOptions | undefined {
  const apiKey = environment[variables.apiKey] || undefined;
  const businessId = environment[variables.businessId] || undefined;
  const baseUrl = environment[variables.baseUrl] || undefined;
  if (apiKey === undefined && businessId === undefined && baseUrl === undefined) {
    return undefined;
  }
  if (apiKey === undefined || businessId === undefined) {
    // Whoever sets one of them means a cabinet of their own, and would take sample chats for its chats.
    const missing = [variables.apiKey, variables.businessId].filter((name) => !environment[name]);
    throw new Error(`${missing.join(" and ")} must be set too; without any variable, sample chats are listed`);
  }
  if (!isId(businessId)) {
    // Without the value: if the two variables have been swapped, it is the key.
    throw new Error(`${variables.businessId} must be the cabinet's ID, a whole number from 1`);
  }
  return { apiKey, businessId: Number(businessId), baseUrl };
}
