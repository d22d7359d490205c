/** The filter of a getChats request: validation and matching. */
import { chatContextTypes, chatStatuses, chatTypes, type endpoints } from "../generated/constants.js";
import type { Chat, ChatContextFilterType, ChatsFilter } from "../generated/types.js";
import { isRecord } from "../check.js";
import { reject } from "./api-result.js";

type ItemCheck = (path: string, item: unknown) => string | undefined;

interface ArrayFilter {
  /** Returns the problem with an item of the request, or undefined. */
  readonly check: ItemCheck;
  /** Returns the value of a chat that the array must contain, in the form of `toKey`. */
  readonly getKey: (chat: Chat) => unknown;
}

/** The property of a chat's context that holds the ID in a filter by `contexts`. */
const contextIds = { ORDER: "orderId", RETURN: "returnId" } as const satisfies Record<ChatContextFilterType, string>;

/** A filter that is added to the specification does not compile until it is validated and matched here. */
const filters = {
  contexts: {
    check: checkContext,
    getKey: ({ context }) =>
      context.type === "DIRECT" ? undefined : toKey({ type: context.type, id: context[contextIds[context.type]] }),
  },
  contextTypes: { check: oneOf(chatContextTypes), getKey: ({ context }) => context.type },
  orderIds: { check: integer(-Infinity), getKey: ({ context, orderId }) => context.orderId ?? orderId },
  statuses: { check: oneOf(chatStatuses), getKey: ({ status }) => status },
  types: { check: oneOf(chatTypes), getKey: ({ type }) => type },
} satisfies Record<keyof typeof endpoints.getChats.filterLists, ArrayFilter>;

/** Objects with the same type and ID are the same item. */
function toKey(item: unknown): unknown {
  return isRecord(item) ? `${String(item["type"])} ${String(item["id"])}` : item;
}

/** Rejects an invalid request body with all of its problems. Unknown fields are ignored, as in the API. */
export function checkFilter(body: unknown): asserts body is ChatsFilter {
  const problems = isRecord(body)
    ? Object.entries(filters).flatMap(([name, { check }]) =>
        body[name] === undefined ? [] : findArrayProblems(name, body[name], check),
      )
    : ["JSON: an object is expected"];
  if (problems.length > 0) {
    reject(400, ...problems);
  }
}

function findArrayProblems(name: string, items: unknown, check: ItemCheck): string[] {
  if (!Array.isArray(items)) {
    return [`Value of ${name} must be a list`];
  }
  if (items.length === 0) {
    return [`Collection of ${name} must not be empty`];
  }
  const problems = items.flatMap((item: unknown, index) => check(`${name}[${index}]`, item) ?? []);
  const isUnique = new Set(items.map(toKey)).size === items.length;
  return isUnique ? problems : [...problems, `Values of ${name} must be unique`];
}

function oneOf(values: readonly string[]): ItemCheck {
  return (path, item) =>
    typeof item === "string" && values.includes(item)
      ? undefined
      : `Value of ${path} must be one of ${values.join(", ")}`;
}

function integer(minimum: number): ItemCheck {
  return (path, item) =>
    typeof item === "number" && Number.isInteger(item) && item >= minimum
      ? undefined
      : `Value of ${path} must be an integer${minimum === -Infinity ? "" : `, greater than or equal to ${minimum}`}`;
}

function checkContext(path: string, item: unknown): string | undefined {
  if (!isRecord(item)) {
    return `Value of ${path} must be an object`;
  }
  return integer(1)(`${path}.id`, item["id"]) ?? oneOf(Object.keys(contextIds))(`${path}.type`, item["type"]);
}

/** Returns a predicate for chats, and a text that is the same for filters that match the same chats. */
export function compileFilter(filter: ChatsFilter) {
  const items = new Map<string, unknown>(Object.entries(filter));
  const arrays = Object.entries(filters).flatMap(([name, { getKey }]) => {
    const list = items.get(name);
    return Array.isArray(list) ? { name, keys: new Set(list.map(toKey).sort()), getKey } : [];
  });
  return {
    matches: (chat: Chat) => arrays.every(({ keys, getKey }) => keys.has(getKey(chat))),
    filter: JSON.stringify(arrays.map(({ name, keys }) => [name, [...keys]])),
  };
}
