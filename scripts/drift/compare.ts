/** Compares the operations of our document with those of a published one, fact by fact. */
import { SpecificationError } from "../specification.js";
import { type JsonObject, toList, toObject } from "./document.js";
import { describe, type Facts, isWithin, readFacts, type Statements, type Values } from "./facts.js";
import { findImpact } from "./impact.js";
import { findOperations, type Operation } from "./operations.js";

interface Change {
  readonly address: string;
  readonly what: string;
  readonly theirs?: string | undefined;
  readonly ours?: string | undefined;
}

type Difference = ReturnType<typeof classify>;
export type Report = ReturnType<typeof compareDocuments>;

/** @throws SpecificationError if an operation of ours is not in theirs, or if an accepted difference is invalid */
export function compareDocuments(theirs: JsonObject, ours: JsonObject) {
  const published = findOperations(theirs);
  const pairs = findOperations(ours).map((our) => ({ our, their: findCounterpart(our, published) }));
  const tags = pairs.flatMap(({ our }) => our.tags);
  const entries = toList(ours["x-accepted-drift"]).flatMap(readAccepted);
  const all = pairs
    .flatMap(({ our, their }) => [...compareFacts(readFacts(our.name, their.node), readFacts(our.name, our.node))])
    .map(classify)
    .map((one) => ({ ...one, reason: entries.find(({ accepted }) => accepted.includes(formatLine(one)))?.reason }));
  return {
    operations: pairs.map(({ our }) => our.name),
    differences: mergeStatuses(all.filter(({ reason }) => reason === undefined)),
    accepted: mergeStatuses(all.filter(({ reason }) => reason !== undefined)),
    /** Accepted lines without a difference. */
    stale: entries
      .filter(({ accepted }) => !all.some((difference) => accepted.includes(formatLine(difference))))
      .map(({ line, reason }) => ({ line, reason })),
    /** Published operations that share a tag with ours: candidates for our document, not differences. */
    others: published
      .filter((other) => !pairs.some(({ their }) => their === other))
      .filter((other) => other.tags.some((tag) => tags.includes(tag)))
      .map(({ name, route }) => `${name} (${route})`),
  };
}

/** The same operation in the other document: by its ID, even if it has moved, otherwise by its route. */
function findCounterpart(our: Operation, published: readonly Operation[]): Operation {
  const their = published.find(({ name }) => name === our.name) ?? published.find(({ route }) => route === our.route);
  if (their === undefined) {
    throw new SpecificationError(`operation ${our.name} is gone, and no other is at ${our.route}`);
  }
  return their;
}

function readAccepted(entry: unknown) {
  const { reason, lines } = toObject(entry);
  if (typeof reason !== "string" || toList(lines).length === 0) {
    throw new SpecificationError("x-accepted-drift: an entry needs a reason, and lines of the report");
  }
  return toList(lines).map((line) => {
    const [, before = "", statuses = "", after = ""] =
      /^([^›]* › response )(.*?)((?: ›|:).*)$/s.exec(String(line)) ?? [];
    const merged = statuses.split(", ").map((status) => `${before}${status}${after}`);
    return { line: String(line), reason, accepted: [String(line), ...merged] };
  });
}

const none: Statements = new Map();

function* compareFacts(theirs: Facts, ours: Facts): Generator<Change> {
  // How many levels of a recursive schema a document spells out has no meaning.
  const done = [...theirs, ...ours].filter(([, stated]) => stated.has("recursive")).map(([address]) => address);
  for (const address of new Set([...ours.keys(), ...theirs.keys()])) {
    const [their, our] = [theirs.get(address) ?? none, ours.get(address) ?? none];
    const isNew = their.has("kind");
    if (done.some((outer) => address !== outer && isWithin(address, outer))) {
      continue;
    } else if (isNew === our.has("kind")) {
      for (const keyword of new Set([...our.keys(), ...their.keys()])) {
        yield* compareValues(address, keyword, their.get(keyword), our.get(keyword));
      }
    } else {
      const [facts, others] = isNew ? [theirs, ours] : [ours, theirs];
      const { kind, alias = [], required } = Object.fromEntries(isNew ? their : our);
      const text = describe(facts, address);
      // If the other document has the parameter under another name, the difference is only the alias.
      const otherNames = alias.map((name) => address.replace(/[^›]*$/, ` ${name}`));
      if (!otherNames.some((name) => others.has(name) || done.includes(name))) {
        yield isNew
          ? { address, what: `${required ? "required " : ""}${kind?.join()} added`, theirs: text }
          : { address, what: `${kind?.join()} removed`, ours: text };
      }
      done.push(address);
    }
  }
}

function* compareValues(address: string, keyword: string, theirs?: Values, ours?: Values): Generator<Change> {
  const added = (theirs ?? []).filter((value) => !ours?.includes(value));
  const removed = (ours ?? []).filter((value) => !theirs?.includes(value));
  const name = { enum: "enum value", oneOf: "alternative" }[keyword] ?? keyword;
  // Without `enum` or `oneOf` all values are valid, so these are more than a list of values.
  if (/^(alias|scope|server|security)$/.test(keyword) || (name !== keyword && theirs && ours)) {
    yield* added.map((value) => ({ address, what: `${name} added`, theirs: value }));
    yield* removed.map((value) => ({ address, what: `${name} removed`, ours: value }));
  } else if (added.length + removed.length > 0) {
    const what = `${keyword}${ours === undefined ? " added" : theirs === undefined ? " removed" : ""}`;
    yield { address, what, theirs: theirs?.join(" | "), ours: ours?.join(" | ") };
  }
}

function classify({ address, what, theirs, ours }: Change) {
  const [operation = "", ...path] = address.split(" › ");
  // For JSON, the usual media type, the path is easier to read without it.
  const where = path.filter((name) => name !== "application/json" || what.startsWith("media type"));
  const direction = where[0]?.startsWith("response ") === true ? "response" : "request";
  return { class: findImpact(what, theirs, ours)[direction], operation, where, what, theirs, ours };
}

/** Merges differences that differ only in the status of the response, and adds their line. */
function mergeStatuses<One extends Difference>(differences: readonly One[]) {
  const merged = new Map<string, One>();
  for (const difference of differences) {
    const [first = "", ...rest] = difference.where;
    const status = /^response (.*)/.exec(first)?.[1];
    const key = JSON.stringify({ ...difference, where: [status === undefined ? first : "response", ...rest] });
    const known = status === undefined ? undefined : merged.get(key)?.where[0];
    merged.set(key, known === undefined ? difference : { ...difference, where: [`${known}, ${status}`, ...rest] });
  }
  return [...merged.values()].map((difference) => ({ ...difference, line: formatLine(difference) }));
}

/** Such as `getChats › query › limit: maximum: 20 -> 50`. */
function formatLine({ operation, where, what, theirs, ours }: Difference): string {
  const values = theirs === undefined || ours === undefined ? (theirs ?? ours) : `${ours} -> ${theirs}`;
  return [[operation, ...where].join(" › "), what, values].filter((text) => text && text !== "true").join(": ");
}
