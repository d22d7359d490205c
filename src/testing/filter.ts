/** The filter of a getChats request: validation and matching. */
import { isRecord } from "../check.js";
import { chatContextTypes, chatStatuses, chatTypes, type endpoints } from "../generated/constants.js";
import type { Chat, ChatContextFilterType } from "../generated/types.js";
import { reject } from "./responses.js";

/** Returns the problem with an item of the request, or undefined. */
type FindProblem = (path: string, item: unknown) => string | undefined;

interface Filter {
  readonly findProblem: FindProblem;
  /** Returns the value of a chat that the filter must contain, in the form of `toKey`. */
  readonly getKey: (chat: Chat) => unknown;
}

const findIdProblem = mustBe("an integer, greater than or equal to 1", (id) => Number.isInteger(id) && Number(id) >= 1);

/** The property of a chat's context that holds the ID in a filter by `contexts`. */
const contextIds = { ORDER: "orderId", RETURN: "returnId" } as const satisfies Record<ChatContextFilterType, string>;

/** A filter that is added to the specification does not compile until it is added here. */
const filters: Record<keyof typeof endpoints.getChats.filterLists, Filter> = {
  contexts: {
    findProblem: (path, item) =>
      isRecord(item)
        ? (findIdProblem(`${path}.id`, item["id"]) ?? oneOf(Object.keys(contextIds))(`${path}.type`, item["type"]))
        : `Value of ${path} must be an object`,
    getKey: ({ context }) =>
      context.type === "DIRECT" ? undefined : toKey({ type: context.type, id: context[contextIds[context.type]] }),
  },
  contextTypes: { findProblem: oneOf(chatContextTypes), getKey: ({ context }) => context.type },
  orderIds: {
    findProblem: mustBe("an integer", Number.isInteger),
    getKey: ({ context, orderId }) => context.orderId ?? orderId,
  },
  statuses: { findProblem: oneOf(chatStatuses), getKey: ({ status }) => status },
  types: { findProblem: oneOf(chatTypes), getKey: ({ type }) => type },
};

/** Objects with the same type and ID are the same item. */
function toKey(item: unknown): unknown {
  return isRecord(item) ? `${String(item["type"])} ${String(item["id"])}` : item;
}

function mustBe(expected: string, isValid: (item: unknown) => boolean): FindProblem {
  return (path, item) => (isValid(item) ? undefined : `Value of ${path} must be ${expected}`);
}

function oneOf(values: readonly unknown[]): FindProblem {
  return mustBe(`one of ${values.join(", ")}`, (item) => values.includes(item));
}

/**
 * Rejects an invalid request body with all of its problems. Unknown fields are ignored, as in the API.
 *
 * @returns A predicate for chats, and a text that is the same for filters that match the same chats.
 */
export function compileFilter(body: unknown) {
  if (!isRecord(body)) return reject(400, "JSON: an object is expected");
  const arrays = Object.entries(filters).flatMap(([name, { findProblem, getKey }]) => {
    const items = body[name];
    if (items === undefined) return [];
    const keys = new Set(Array.isArray(items) ? items.map(toKey).sort() : []);
    return { name, keys, getKey, problems: findProblems(name, items, keys.size, findProblem) };
  });
  const problems = arrays.flatMap((array) => array.problems);
  if (problems.length > 0) reject(400, problems);
  return {
    matches: (chat: Chat) => arrays.every(({ keys, getKey }) => keys.has(getKey(chat))),
    filter: JSON.stringify(arrays.map(({ name, keys }) => [name, [...keys]])),
  };
}

function findProblems(name: string, items: unknown, distinct: number, findProblem: FindProblem): string[] {
  if (!Array.isArray(items)) return [`Value of ${name} must be a list`];
  if (items.length === 0) return [`Collection of ${name} must not be empty`];
  const problems = items.flatMap((item: unknown, index) => findProblem(`${name}[${index}]`, item) ?? []);
  return distinct === items.length ? problems : [...problems, `Values of ${name} must be unique`];
}
