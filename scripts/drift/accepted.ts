/**
 * Accepted differences. They are listed in our document, next to the part that they concern:
 *
 *     x-accepted-drift:
 *       - { what: nullable, theirs: true, reason: Leave the list out instead. }
 *
 * `what` and `theirs` have the wording of the report. `ours` is only required if their document has no value, and `at`
 * is the path to a part that our document does not have. An entry does not accept a difference with another `theirs`.
 */
import { SpecificationError } from "../specification.js";
import { isObject, type JsonObject, listAt } from "./document.js";
import type { Value } from "./policy.js";
import { toFact } from "./schema.js";

/** A part or a fact that only one side has, or that differs. */
export interface Change {
  readonly operation: string;
  /** The path from the operation, such as `["request", "contexts", "items"]`. */
  readonly where: readonly string[];
  readonly what: string;
  readonly theirs?: Value | undefined;
  readonly ours?: Value | undefined;
}

/** An accepted change, at one of the places that use the part. */
export interface Accepted extends Change {
  readonly reason: string;
}

const key = "x-accepted-drift";

export function acceptedIn(sources: readonly JsonObject[], operation: string, where: readonly string[]): Accepted[] {
  return sources
    .flatMap((source) => listAt(source, key))
    .map((entry) => {
      const { at = [], what, theirs, ours, reason } = isObject(entry) ? entry : {};
      if (typeof what !== "string" || typeof reason !== "string" || (theirs ?? ours ?? undefined) === undefined) {
        const place = [operation, ...where].join(" › ");
        throw new SpecificationError(`${key} at ${place}: an entry needs what, reason, and theirs or ours`);
      }
      const path = [...where, ...[at].flat().map(String)];
      return { operation, where: path, what, theirs: toFact(theirs), ours: toFact(ours), reason };
    });
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

/** @throws SpecificationError if an entry is in an object that is not compared, where it would have no effect */
export function checkPlaces(node: unknown, compared: ReadonlySet<unknown>, where: readonly string[] = []): void {
  if (isObject(node) && key in node && !compared.has(node)) {
    throw new SpecificationError(`${key} at ${where.join(" › ")}: nothing is compared there`);
  }
  for (const [name, child] of Object.entries(typeof node === "object" && node !== null ? node : {})) {
    checkPlaces(child, compared, [...where, name]);
  }
}
