/** The body of a getChats request: whether it is right, and which chats it asks for. */
import { chatContextTypes, chatStatuses, chatTypes, type endpoints } from "../generated/constants.js";
import type { Chat, ChatContextFilter, ChatContextFilterType, ChatsFilter } from "../generated/types.js";
import { isRecord } from "../options.js";

/** Where a chat's context holds the ID that a filter by `contexts` asks for. */
const contextIds = { ORDER: "orderId", RETURN: "returnId" } as const satisfies Record<ChatContextFilterType, string>;

export function isChatsFilter(body: unknown): body is ChatsFilter {
  return findProblems(body).length === 0;
}

/** What is wrong with a body, in the Market's words where it has some. Unknown fields are skipped. */
export function findProblems(body: unknown): string[] {
  if (!isRecord(body)) {
    return ["JSON: an object is expected"];
  }
  return Object.entries(itemChecks).flatMap(([name, check]) =>
    body[name] === undefined ? [] : findListProblems(name, body[name], check),
  );
}

/** Says what is wrong with an item, or nothing. */
type ItemCheck = (place: string, item: unknown) => string | undefined;

const itemChecks: Record<keyof typeof endpoints.getChats.filterLists, ItemCheck> = {
  contexts: checkContext,
  contextTypes: oneOf(chatContextTypes),
  orderIds: (place, item) => checkInteger(place, item, -Infinity),
  statuses: oneOf(chatStatuses),
  types: oneOf(chatTypes),
};

function findListProblems(name: string, list: unknown, check: ItemCheck): string[] {
  if (!Array.isArray(list)) {
    return [`Value of ${name} must be a list`];
  }
  if (list.length === 0) {
    return [`Collection of ${name} must not be empty`];
  }
  const items: unknown[] = list;
  const problems = items.flatMap((item, index) => check(`${name}[${index}]`, item) ?? []);
  const isUnique = new Set(items.map(identityOf)).size === items.length;
  return isUnique ? problems : [...problems, `Values of ${name} must be unique`];
}

/** Items with the same text are the same item. */
function identityOf(item: unknown): string {
  return isRecord(item) ? `${String(item["type"])} ${String(item["id"])}` : JSON.stringify(item);
}

function oneOf(values: readonly string[]): ItemCheck {
  return (place, item) =>
    typeof item === "string" && values.includes(item)
      ? undefined
      : `Value of ${place} must be one of ${values.join(", ")}`;
}

function checkInteger(place: string, item: unknown, minimum: number): string | undefined {
  return typeof item === "number" && Number.isInteger(item) && item >= minimum
    ? undefined
    : `Value of ${place} must be an integer${minimum === -Infinity ? "" : `, greater than or equal to ${minimum}`}`;
}

const checkContextType = oneOf(Object.keys(contextIds));

function checkContext(place: string, item: unknown): string | undefined {
  if (!isRecord(item)) {
    return `Value of ${place} must be an object`;
  }
  return checkInteger(`${place}.id`, item["id"], 1) ?? checkContextType(`${place}.type`, item["type"]);
}

/** Tells of a chat whether it fits every list of the filter. */
export function createMatcher(filter: ChatsFilter): (chat: Chat) => boolean {
  const statuses = filter.statuses && new Set(filter.statuses);
  const types = filter.types && new Set(filter.types);
  const contextTypes = filter.contextTypes && new Set(filter.contextTypes);
  const contexts = filter.contexts && new Set(filter.contexts.map(describeContext));
  const orderIds = filter.orderIds && new Set(filter.orderIds);
  return (chat) =>
    (statuses?.has(chat.status) ?? true) &&
    (types?.has(chat.type) ?? true) &&
    (contextTypes?.has(chat.context.type) ?? true) &&
    (contexts?.has(describeContextOf(chat)) ?? true) &&
    (orderIds?.has(chat.context.orderId ?? chat.orderId ?? NaN) ?? true);
}

function describeContext({ type, id }: ChatContextFilter): string {
  return `${type} ${id}`;
}

function describeContextOf({ context }: Chat): string {
  return context.type === "DIRECT"
    ? "DIRECT"
    : describeContext({ type: context.type, id: context[contextIds[context.type]] ?? NaN });
}

/** The same text for filters that ask for the same chats, in whatever order their lists are. */
export function describeFilter(filter: ChatsFilter): string {
  const { contexts, contextTypes, orderIds, statuses, types } = filter;
  const lists = [contexts?.map(describeContext), contextTypes, orderIds, statuses, types];
  return JSON.stringify(lists.map((list) => list && [...list].sort()));
}
