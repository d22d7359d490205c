/** What an operation consists of, by meaning: two documents that mean the same give the same parts. */
import type { JsonObject } from "./document.js";
import type { Direction, Fact, Value } from "./policy.js";

/** A parameter, a field, a response: what a maintainer would point at. */
export interface Part {
  readonly noun: string;
  readonly direction: Direction;
  /** What is said of it: one value, or a list of values without order. */
  readonly facts: ReadonlyMap<string, Fact>;
  /** What it consists of in turn. Made on demand, as a schema may contain itself. */
  readonly parts: ReadonlyMap<string, () => Part>;
  /** One of which it has to be: the branches of a `oneOf` or an `anyOf`. */
  readonly alternatives: readonly (() => Part)[];
  /** The same for the same schema, so that a recursion is noticed; empty for what cannot recur. */
  readonly id: string;
  /** The objects of the document that it was read from. */
  readonly sources: readonly JsonObject[];
}

/** What is meant where nothing is said. A flag is shown as false, and not as absent. */
export const unsaid: ReadonlyMap<string, Fact> = new Map([
  ["required", false],
  ["nullable", false],
  ["deprecated", false],
  ["uniqueItems", false],
  ["additionalProperties", true],
]);

/**
 * The whole part in words. An accepted difference holds these words, and so is accepted no longer when the least
 * thing in it changes.
 */
export function describe(part: Part, ancestors: readonly string[] = []): string {
  if (part.id !== "" && ancestors.includes(part.id)) {
    return "(recursive)";
  }
  const { type = "", ...facts } = Object.fromEntries(part.facts);
  const said = Object.entries(facts)
    .filter(([name, fact]) => fact !== unsaid.get(name))
    .map(([name, fact]) => (fact === true ? name : `${name} ${String(describeFact(fact))}`));
  const alternatives = alternativesOf(part, [...ancestors, part.id]);
  const parts = [...part.parts].map(([name, inner]) => `${name} ${describe(inner(), [...ancestors, part.id])}`);
  return [
    String(type),
    said.length > 0 && `(${said.sort().join(", ")})`,
    alternatives !== undefined && `one of [${alternatives.join(", ")}]`,
    parts.length > 0 && `{ ${parts.sort().join(", ")} }`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** Undefined if there is no choice: a first one leaves fewer values, and only another one leaves more. */
export function alternativesOf(part: Part, ancestors: readonly string[] = []): string[] | undefined {
  const texts = part.alternatives.map((alternative) => describe(alternative(), ancestors));
  return texts.length === 0 ? undefined : texts.sort();
}

export function describeFact(fact: Fact | undefined): Value | undefined {
  return typeof fact === "object" ? [...fact].sort().join(" | ") : fact;
}

/** A schema that says nothing. */
export function nothing(direction: Direction): Part {
  return { noun: "schema", direction, facts: unsaid, parts: new Map(), alternatives: [], id: "", sources: [] };
}
