/** Compares our document with a published one: each operation of ours, part by part. */
import { SpecificationError } from "../specification.js";
import { type Accepted, acceptedIn, accepts, type Change, checkPlaces } from "./accepted.js";
import { type JsonObject, listAt } from "./document.js";
import { type Operation, operationPart, operationsOf } from "./operation.js";
import { describe, describeAlternatives, describeFact, emptyPart, type Part } from "./part.js";
import { type Class, type Fact, type Impact, impactOfAddition, impactOfFact, impactOfRemoval } from "./policy.js";

export interface Difference extends Change {
  readonly class: Class;
}

export interface Report {
  readonly operations: readonly string[];
  readonly differences: readonly Difference[];
  readonly accepted: readonly (Difference & Accepted)[];
  /** Accepted entries without a matching difference. */
  readonly stale: readonly Accepted[];
  /** Published operations that share a tag with ours: candidates for our document, not differences. */
  readonly others: readonly string[];
}

/** @throws SpecificationError if an operation of ours is not in theirs, or if an accepted difference is invalid */
export function compareDocuments(theirs: JsonObject, ours: JsonObject): Report {
  const published = operationsOf(theirs);
  const pairs = operationsOf(ours).map((our) => ({ our, their: counterpartOf(our, published) }));
  const comparisons = pairs.map(({ our, their }) => compareOperation(their, our));
  checkPlaces(ours, new Set(comparisons.flatMap(({ compared }) => [...compared])));
  const entries = comparisons.flatMap((comparison) => comparison.entries);
  const all = comparisons
    .flatMap(({ differences }) => differences)
    .map((difference) => ({ ...difference, reason: entries.find((entry) => accepts(entry, difference))?.reason }));
  const tags = pairs.flatMap(({ our }) => listAt(our.node, "tags"));
  return {
    operations: pairs.map(({ our }) => our.name),
    differences: mergeStatuses(all.flatMap(({ reason, ...difference }) => (reason === undefined ? [difference] : []))),
    accepted: mergeStatuses(all.flatMap(({ reason, ...line }) => (reason === undefined ? [] : [{ ...line, reason }]))),
    stale: mergeStatuses(entries.filter((entry) => !all.some((difference) => accepts(entry, difference)))),
    others: published
      .filter((other) => !pairs.some(({ their }) => their === other))
      .filter((other) => listAt(other.node, "tags").some((tag) => tags.includes(tag)))
      .map((other) => `${other.name} (${other.address})`),
  };
}

/** The same operation in the other document: by its ID, even if it has moved, otherwise by its address. */
function counterpartOf(our: Operation, published: readonly Operation[]): Operation {
  const their =
    published.find(({ name }) => name === our.name) ?? published.find(({ address }) => address === our.address);
  if (their === undefined) {
    throw new SpecificationError(`operation ${our.name} is gone, and no other is at ${our.address}`);
  }
  return their;
}

function compareOperation(their: Operation, our: Operation) {
  const operation = our.name;
  const differences: Difference[] = [];
  const entries: Accepted[] = [];
  /** The objects of our document that were compared. */
  const compared = new Set<unknown>();
  /** The pairs of schemas that are being compared, to end a recursion. */
  const open = new Set<string>();

  const report = (where: readonly string[], what: string, impact: Impact, theirs?: Fact, ours?: Fact) => {
    const direction = where[0]?.startsWith("response ") ? "response" : "request";
    const values = { theirs: describeFact(theirs), ours: describeFact(ours) };
    differences.push({ operation, where, what, ...values, class: impact[direction] });
  };
  const compareFact = (where: readonly string[], name: string, theirs: Fact | undefined, ours: Fact | undefined) => {
    if (typeof theirs === "object" && typeof ours === "object") {
      const added = theirs.filter((value) => !ours.includes(value));
      const removed = ours.filter((value) => !theirs.includes(value));
      added.forEach((value) => report(where, `${name} added`, impactOfFact(name, true, false), value));
      removed.forEach((value) => report(where, `${name} removed`, impactOfFact(name, false, true), undefined, value));
    } else if (theirs !== ours) {
      report(where, name, impactOfFact(name, theirs, ours), theirs, ours);
    }
  };
  const comparePart = (theirs: Part, ours: Part, where: readonly string[]): void => {
    ours.sources.forEach((source) => compared.add(source));
    const pair = `${theirs.id} ${ours.id}`;
    if (pair !== " " && open.has(pair)) {
      return;
    }
    open.add(pair);
    entries.push(...acceptedIn(ours.sources, operation, where));
    namesIn(theirs.facts, ours.facts).forEach((name) => compareFact(where, name, theirs.facts[name], ours.facts[name]));
    compareFact(where, "alternative", describeAlternatives(theirs), describeAlternatives(ours));
    for (const name of namesIn(theirs.parts, ours.parts)) {
      const [theirPart, ourPart] = [partAt(theirs, name), partAt(ours, name)];
      const at = [...where, ...name.split(" › ")];
      if (theirPart !== undefined && ourPart !== undefined) {
        // For JSON, the usual media type, the path is easier to read without it.
        comparePart(theirPart, ourPart, name === "application/json" ? where : at);
      } else if ((theirPart ?? ourPart)?.noun === "schema") {
        comparePart(theirPart ?? emptyPart, ourPart ?? emptyPart, at);
      } else if (theirPart !== undefined) {
        const required = theirPart.facts.required === true;
        const what = `${required ? "required " : ""}${theirPart.noun} added`;
        report(at, what, impactOfAddition(required), describe(theirPart));
      } else if (ourPart !== undefined) {
        report(at, `${ourPart.noun} removed`, impactOfRemoval(ourPart.noun), undefined, describe(ourPart));
        // Entries within the removed part have a valid place, and are not stale.
        const count = entries.length;
        comparePart(ourPart, ourPart, at);
        entries.splice(count);
      }
    }
    open.delete(pair);
  };
  comparePart(operationPart(their, our), operationPart(our, our), []);
  return { differences, entries, compared };
}

function namesIn(theirs: object, ours: object): Set<string> {
  return new Set([...Object.keys(ours), ...Object.keys(theirs)]);
}

/** A field may be called `constructor`, which every object inherits. */
function partAt({ parts }: Part, name: string): Part | undefined {
  return Object.hasOwn(parts, name) ? parts[name]?.() : undefined;
}

/** Merges lines that differ only in the status of the response. */
function mergeStatuses<Line extends Change>(lines: readonly Line[]): Line[] {
  const merged: Record<string, Line> = {};
  for (const line of lines) {
    const [first = "", ...rest] = line.where;
    const [, status] = /^response (.*)/.exec(first) ?? [];
    const key = JSON.stringify({ ...line, where: [status === undefined ? first : "response", ...rest] });
    const [known] = merged[key]?.where ?? [];
    const isMerged = known !== undefined && status !== undefined;
    merged[key] = isMerged ? { ...line, where: [`${known}, ${status}`, ...rest] } : line;
  }
  return Object.values(merged);
}
