/** Compares our document with a published one: each operation of ours, part by part. */
import { SpecificationError } from "../specification.js";
import { type Accepted, acceptedIn, accepts, type Change, checkPlaces } from "./accepted.js";
import { listAt, type OpenApiDocument } from "./document.js";
import { type Operation, operationPart, operationsOf } from "./operation.js";
import { alternativesOf, describe, describeFact, nothing, type Part } from "./part.js";
import {
  type Class,
  classify,
  type Effect,
  effectOfElement,
  effectOfFact,
  effectOfPart,
  type Fact,
  type Value,
} from "./policy.js";

export interface Difference extends Change {
  readonly class: Class;
}

export interface Report {
  readonly operations: readonly string[];
  readonly differences: readonly Difference[];
  readonly accepted: readonly (Difference & Accepted)[];
  /** What is accepted, but is not there, or not any longer. */
  readonly stale: readonly Accepted[];
  /** Published operations that bear a tag of ours: candidates for our document, and no difference. */
  readonly others: readonly string[];
}

/** What has been found in one operation so far. */
interface Findings {
  readonly operation: string;
  readonly differences: Difference[];
  readonly accepted: Accepted[];
  /** The objects of our document that have been compared. */
  readonly compared: Set<unknown>;
  /** The pairs of schemas that are being compared just now: a recursion ends at them. */
  readonly open: Set<string>;
}

/** @throws SpecificationError if an operation of ours is not in theirs, or if an accepted difference is not in order */
export function compareDocuments(theirs: OpenApiDocument, ours: OpenApiDocument): Report {
  const published = operationsOf(theirs);
  const pairs = operationsOf(ours).map((our) => ({ our, their: counterpartOf(our, published) }));
  const findings = pairs.map(({ our, their }) => compareOperation(their, our));
  checkPlaces(ours.root, new Set(findings.flatMap((found) => [...found.compared])));
  const differences = findings.flatMap((found) => found.differences);
  const accepted = findings.flatMap((found) => found.accepted);
  const entryFor = (difference: Difference) => accepted.find((entry) => accepts(entry, difference));
  const tags = pairs.flatMap(({ our }) => listAt(our.node, "tags"));
  return {
    operations: pairs.map(({ our }) => nameOf(our)),
    differences: collapse(differences.filter((difference) => entryFor(difference) === undefined)),
    accepted: collapse(
      differences.flatMap((difference) => {
        const entry = entryFor(difference);
        return entry === undefined ? [] : [{ ...difference, reason: entry.reason }];
      }),
    ),
    stale: collapse(accepted.filter((entry) => !differences.some((difference) => accepts(entry, difference)))),
    others: published
      .filter((other) => !pairs.some(({ their }) => their === other))
      .filter((other) => listAt(other.node, "tags").some((tag) => tags.includes(tag)))
      .map((other) => `${nameOf(other)} (${other.address})`),
  };
}

function compareOperation(their: Operation, our: Operation): Findings {
  const found = { operation: nameOf(our), differences: [], accepted: [], compared: new Set(), open: new Set<string>() };
  comparePart(operationPart(their, our), operationPart(our, our), [], found);
  return found;
}

/** The same operation in the other document: by its ID, wherever it has moved, or else by its address. */
function counterpartOf(our: Operation, published: readonly Operation[]): Operation {
  const their =
    published.find(({ id }) => id !== undefined && id === our.id) ??
    published.find(({ address }) => address === our.address);
  if (their === undefined) {
    throw new SpecificationError(`operation ${nameOf(our)} is gone, and no other is at ${our.address}`);
  }
  return their;
}

function nameOf({ id, address }: Operation): string {
  return id ?? address;
}

function comparePart(theirs: Part, ours: Part, where: readonly string[], found: Findings): void {
  ours.sources.forEach((source) => found.compared.add(source));
  const pair = `${theirs.id} ${ours.id}`;
  if (pair !== " " && found.open.has(pair)) {
    return;
  }
  found.open.add(pair);
  found.accepted.push(...acceptedIn(ours.sources, found.operation, where));
  const report = (at: readonly string[], what: string, effect: Effect, their?: Value, our?: Value) =>
    found.differences.push({
      operation: found.operation,
      where: at,
      what,
      theirs: their,
      ours: our,
      class: classify(effect, ours.direction),
    });

  for (const name of [...namesIn(theirs.facts, ours.facts), "alternative"]) {
    const their = name === "alternative" ? alternativesOf(theirs) : theirs.facts.get(name);
    const our = name === "alternative" ? alternativesOf(ours) : ours.facts.get(name);
    if (isList(their) && isList(our)) {
      const added = their.filter((value) => !our.includes(value));
      const removed = our.filter((value) => !their.includes(value));
      added.forEach((value) => report(where, `${name} added`, effectOfElement(name, "theirs"), value));
      removed.forEach((value) => report(where, `${name} removed`, effectOfElement(name, "ours"), undefined, value));
    } else if (their !== our) {
      report(where, name, effectOfFact(name, their, our), describeFact(their), describeFact(our));
    }
  }
  for (const name of namesIn(theirs.parts, ours.parts)) {
    const their = theirs.parts.get(name)?.();
    const our = ours.parts.get(name)?.();
    const at = [...where, ...name.split(" › ")];
    // No `items` are items of any kind, and so with every schema that is not a field.
    if ((their ?? our)?.noun === "schema" || (their !== undefined && our !== undefined)) {
      // For JSON, which is the rule, a path reads better without the media type.
      comparePart(
        their ?? nothing(ours.direction),
        our ?? nothing(ours.direction),
        name === "application/json" ? where : at,
        found,
      );
    } else if (their !== undefined) {
      const required = their.facts.get("required") === true;
      const what = `${required ? "required " : ""}${their.noun} added`;
      report(at, what, effectOfPart(their.noun, "theirs", required), describe(their));
    } else if (our !== undefined) {
      report(at, `${our.noun} removed`, effectOfPart(our.noun, "ours", false), undefined, describe(our));
      // What is accepted inside has gone with it, and is neither stale nor out of place.
      comparePart(our, our, at, { ...found, accepted: [] });
    }
  }
  found.open.delete(pair);
}

function namesIn(theirs: ReadonlyMap<string, unknown>, ours: ReadonlyMap<string, unknown>): Set<string> {
  return new Set([...ours.keys(), ...theirs.keys()]);
}

function isList(fact: Fact | undefined): fact is readonly string[] {
  return typeof fact === "object";
}

/** Makes one line of those that differ only in the status of the response. */
function collapse<Line extends Change>(lines: readonly Line[]): Line[] {
  const merged = new Map<string, Line>();
  for (const line of lines) {
    const [first = "", ...rest] = line.where;
    const [, status] = /^response (.*)/.exec(first) ?? [];
    const key = JSON.stringify({ ...line, where: [status === undefined ? first : "response", ...rest] });
    const [known] = merged.get(key)?.where ?? [];
    merged.set(
      key,
      known === undefined || status === undefined ? line : { ...line, where: [`${known}, ${status}`, ...rest] },
    );
  }
  return [...merged.values()];
}
