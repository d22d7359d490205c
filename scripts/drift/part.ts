/** The parts of an operation by meaning: documents with the same meaning have equal parts. */
import type { JsonObject } from "./document.js";
import type { Fact, Value } from "./policy.js";

export type Facts = Readonly<Record<string, Fact | undefined>>;
export type Parts = Readonly<Record<string, () => Part>>;

/** A parameter, a field, a response and so on. */
export interface Part {
  readonly noun: string;
  /** The properties of the part: a value, or an unordered list of values. */
  readonly facts: Facts;
  /** Its own parts, created on demand because a schema may contain itself. */
  readonly parts: Parts;
  /** The branches of a `oneOf` or an `anyOf`. */
  readonly alternatives: readonly (() => Part)[];
  /** Equal for the same schema, to detect recursion. Empty if the part cannot be recursive. */
  readonly id: string;
  /** The objects of the document that define it. */
  readonly sources: readonly JsonObject[];
}

/** Facts that hold if a document does not state them. */
export const defaults: Facts = {
  required: false,
  nullable: false,
  deprecated: false,
  uniqueItems: false,
  additionalProperties: true,
};

/** A schema that allows any value. */
export const emptyPart: Part = { noun: "schema", facts: defaults, parts: {}, alternatives: [], id: "", sources: [] };

/** The whole part as text. An accepted difference contains this text, so that any change within the part voids it. */
export function describe(part: Part, ancestors: readonly string[] = []): string {
  if (part.id !== "" && ancestors.includes(part.id)) {
    return "(recursive)";
  }
  const path = [...ancestors, part.id];
  const { type = "", ...facts } = part.facts;
  const stated = Object.entries(facts)
    .filter(([name, fact]) => fact !== defaults[name])
    .map(([name, fact]) => (fact === true ? name : `${name} ${String(describeFact(fact))}`));
  const alternatives = describeAlternatives(part, path) ?? [];
  const parts = Object.entries(part.parts).map(([name, inner]) => `${name} ${describe(inner(), path)}`);
  const list = (before: string, texts: string[], after: string) =>
    texts.length > 0 ? `${before}${texts.sort().join(", ")}${after}` : "";
  return [type, list("(", stated, ")"), list("one of [", alternatives, "]"), list("{ ", parts, " }")]
    .filter(Boolean)
    .join(" ");
}

/** Undefined if there are none: the first alternative restricts the values, further ones add values. */
export function describeAlternatives(part: Part, ancestors: readonly string[] = []): string[] | undefined {
  const texts = part.alternatives.map((alternative) => describe(alternative(), ancestors));
  return texts.length === 0 ? undefined : texts.sort();
}

export function describeFact(fact: Fact | undefined): Value | undefined {
  return typeof fact === "object" ? [...fact].sort().join(" | ") : fact;
}
