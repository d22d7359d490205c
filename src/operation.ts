import { endpoints } from "./generated/constants.js";

export interface Operation {
  /** Method and path template. Each key has its own quota. */
  readonly key: string;
  /** Name in messages. */
  readonly name: string;
  /** Whether the API may process a request twice without harm. */
  readonly isRepeatable: boolean;
}

const toKey = (method: string, path: string) => `${method} ${path}`;

const documentedNames = new Map(
  Object.entries(endpoints).map(([name, { method, path }]) => [toKey(method, path), name]),
);

/** @param path - The path template: `/v2/businesses/{businessId}/chats`. */
export function getOperation(method: string, path: string): Operation {
  const key = toKey(method, path);
  const name = documentedNames.get(key);
  return { key, name: name ?? key, isRepeatable: name !== undefined || method === "GET" };
}
