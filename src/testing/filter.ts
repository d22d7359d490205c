/** The filter of a getChats request: validation and matching. */
import { chatContextTypes, chatStatuses, chatTypes, type endpoints } from "../generated/constants.js";
import type { Chat, ChatContextFilterType, ChatsFilter } from "../generated/types.js";
import { isRecord } from "../options.js";

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

/** The arrays of a filter, as keys, in a fixed order. */
function getKeys(filter: object): { name: string; keys: unknown[]; getKey: (chat: Chat) => unknown }[] {
  const arrays = new Map<string, unknown>(Object.entries(filter));
  return Object.entries(filters).flatMap(([name, { getKey }]) => {
    const items = arrays.get(name);
    return Array.isArray(items) ? { name, keys: items.map(toKey), getKey } : [];
  });
}

/** Returns every problem with a request body, as the API words it. Unknown fields are ignored, as in the API. */
export function findProblems(body: unknown): string[] {
  if (!isRecord(body)) {
    return ["JSON: an object is expected"];
  }
  return Object.entries(filters).flatMap(([name, { check }]) =>
    body[name] === undefined ? [] : findArrayProblems(name, body[name], check),
  );
}

export function isChatsFilter(body: unknown): body is ChatsFilter {
  return findProblems(body).length === 0;
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

/** Returns a function that tells whether a chat matches every array of the filter. */
export function createMatcher(filter: ChatsFilter): (chat: Chat) => boolean {
  const arrays = getKeys(filter).map(({ keys, getKey }) => ({ keys: new Set(keys), getKey }));
  return (chat) => arrays.every(({ keys, getKey }) => keys.has(getKey(chat)));
}

/** Returns the same text for filters that match the same chats, regardless of the order of their items. */
export function describeFilter(filter: ChatsFilter): string {
  return JSON.stringify(getKeys(filter).map(({ name, keys }) => [name, keys.sort()]));
}
