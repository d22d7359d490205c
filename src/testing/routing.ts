import { endpoints } from "../generated/constants.js";

/** The name of an operation of the API. */
export type Operation = keyof typeof endpoints;

// TypeScript types the keys of any object as string: an object may have more properties than its type.
export const operations = Object.keys(endpoints) as Operation[];

/** Returns the operation and the unvalidated `businessId` of a path, or undefined if no operation has this path. */
export function matchRoute(path: string) {
  const [, , , businessId = ""] = path.split("/"); // All paths begin with `/v2/businesses/{businessId}`.
  // A function, because `replace` interprets "$&" in a string.
  const operation = operations.find((name) => endpoints[name].path.replace("{businessId}", () => businessId) === path);
  return operation && { operation, businessId };
}

/** Creates a record with a value for each operation. */
export function mapOperations<Value>(create: (operation: Operation) => Value): Record<Operation, Value> {
  return Object.fromEntries(operations.map((operation) => [operation, create(operation)])) as Record<Operation, Value>;
}
