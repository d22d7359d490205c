/**
 * Differences that are meant. They stand in our document, in the part that they concern:
 *
 *     x-accepted-drift:
 *       - { what: nullable, theirs: true, reason: Leave the list out instead. }
 *
 * `what` and `theirs` are as the report words them; `ours` is needed only where they have nothing, and `at` names what
 * is below the part and not in our document. With another `theirs` it is another difference, which nobody has accepted.
 */
import { SpecificationError } from "../specification.js";
import { isObject, type JsonObject } from "./document.js";
import type { Value } from "./policy.js";

/** What one side has and the other has not, or has otherwise. */
export interface Change {
  readonly operation: string;
  /** From the operation down, such as `["request", "contexts", "items"]`. */
  readonly where: readonly string[];
  readonly what: string;
  readonly theirs?: Value | undefined;
  readonly ours?: Value | undefined;
}

/** An accepted change, at one of the places where the part is used that it stands in. */
export interface Accepted extends Change {
  readonly reason: string;
}

const key = "x-accepted-drift";

export function acceptedIn(sources: readonly JsonObject[], operation: string, where: readonly string[]): Accepted[] {
  return sources.flatMap((source) =>
    entriesOf(source).map((entry) => {
      const { at = [], what, theirs, ours, reason } = isObject(entry) ? entry : {};
      const sides = { theirs: isValue(theirs) ? theirs : undefined, ours: isValue(ours) ? ours : undefined };
      if (typeof what !== "string" || typeof reason !== "string" || (sides.theirs ?? sides.ours) === undefined) {
        const place = [operation, ...where].join(" › ");
        throw new SpecificationError(`${key} at ${place}: an entry needs what, reason, and theirs or ours`);
      }
      return { operation, where: [...where, ...[at].flat().map(String)], what, ...sides, reason };
    }),
  );
}

export function accepts(entry: Accepted, { operation, where, what, theirs, ours }: Change): boolean {
  return (
    entry.operation === operation &&
    entry.where.join() === where.join() &&
    entry.what === what &&
    String(entry.theirs) === String(theirs) &&
    (entry.ours === undefined || String(entry.ours) === String(ours))
  );
}

/** @throws SpecificationError if an entry stands where nothing is compared, and so would never be noticed */
export function checkPlaces(node: unknown, compared: ReadonlySet<unknown>, where: readonly string[] = []): void {
  if (isObject(node) && key in node && !compared.has(node)) {
    throw new SpecificationError(`${key} at ${where.join(" › ")}: nothing is compared there`);
  }
  for (const [name, child] of Object.entries(typeof node === "object" && node !== null ? node : {})) {
    checkPlaces(child, compared, [...where, name]);
  }
}

function entriesOf(source: JsonObject): readonly unknown[] {
  const entries = source[key];
  return Array.isArray(entries) ? entries : [];
}

function isValue(value: unknown): value is Value {
  return ["string", "number", "boolean"].includes(typeof value);
}
