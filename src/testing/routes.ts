import { endpoints } from "../generated/constants.js";

/** The Market's name of an operation: `getChats` or `getChat`. */
export type Operation = keyof typeof endpoints;

/** What a path leads to. */
export interface Route {
  readonly operation: Operation;
  /** The cabinet's ID, as it stands in the path. */
  readonly businessId: string;
}

const patterns = { getChats: patternOf("getChats"), getChat: patternOf("getChat") };

function patternOf(operation: Operation): RegExp {
  return new RegExp(`^${endpoints[operation].path.replace("{businessId}", "([^/]+)")}$`);
}

/** Where a path leads, whatever the method. Undefined if it is no operation's path. */
export function routeOf(path: string): Route | undefined {
  return matchOf("getChats", path) ?? matchOf("getChat", path);
}

function matchOf(operation: Operation, path: string): Route | undefined {
  const [, businessId] = patterns[operation].exec(path) ?? [];
  return businessId === undefined ? undefined : { operation, businessId };
}
