/** Compares the operations of our document with those of a published one, fact by fact. */
import { SpecificationError } from "../specification.js";
import { type JsonObject, toList, toObject } from "./document.js";
import { describe, type Facts, isInResponse, isWithin, readFacts, type Values } from "./facts.js";
import { findImpact } from "./impact.js";
import { findOperations, type Operation } from "./operations.js";

type Difference = ReturnType<typeof createDifference>;
export type Report = ReturnType<typeof compareDocuments>;

/** @throws SpecificationError if an operation of ours is not in theirs, or if an accepted difference is invalid */
export function compareDocuments(theirs: JsonObject, ours: JsonObject) {
  const published = findOperations(theirs);
  const pairs = findOperations(ours).map((our) => ({ our, their: findCounterpart(our, published) }));
  const tags = pairs.flatMap(({ our }) => our.tags);
  const entries = toList(ours["x-accepted-drift"]).flatMap(readAccepted);
  const all = pairs
    .flatMap(({ our, their }) => [...compareFacts(readFacts(our.name, their.node), readFacts(our.name, our.node))])
    .map((one) => ({ ...one, reason: entries.find(({ accepts }) => accepts(one))?.reason }));
  return {
    operations: pairs.map(({ our }) => our.name),
    differences: mergeStatuses(all.filter(({ reason }) => reason === undefined)),
    accepted: mergeStatuses(all.filter(({ reason }) => reason !== undefined)),
    /** Accepted lines without a difference. */
    stale: entries.filter(({ accepts }) => !all.some(accepts)).map(({ line, reason }) => ({ line, reason })),
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

const statuses = /(?<=^[^›]* › response )[^›:]*?(?= ›|:)/;

function readAccepted(entry: unknown) {
  const { reason, lines } = toObject(entry);
  if (typeof reason !== "string" || toList(lines).length === 0) {
    throw new SpecificationError("x-accepted-drift: an entry needs a reason, and lines of the report");
  }
  return toList(lines)
    .map(String)
    .map((line) => {
      const each = statuses.exec(line)?.[0].split(", ") ?? [];
      const accepted = [line, ...each.map((status) => line.replace(statuses, status))];
      return { line, reason, accepts: (difference: Difference) => accepted.includes(difference.line) };
    });
}

const none: ReadonlyMap<string, Values> = new Map();

function* compareFacts(theirs: Facts, ours: Facts): Generator<Difference> {
  // How many levels of a recursive schema a document spells out has no meaning.
  const done = [...theirs, ...ours].filter(([, stated]) => stated.has("recursive")).map(([address]) => address);
  for (const address of new Set([...ours.keys(), ...theirs.keys()])) {
    const [their = none, our = none] = [theirs.get(address), ours.get(address)];
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
      // If the other document has the parameter under another name, the difference is only the alias.
      const otherNames = alias.map((name) => address.replace(/[^›]*$/, ` ${name}`));
      if (!otherNames.some((name) => others.has(name) || done.includes(name))) {
        const content = describe(facts, address);
        const part = `${isNew && required ? "required " : ""}${kind?.join()}`;
        yield createDifference(address, part, ...(isNew ? [content] : [undefined, content]));
      }
      done.push(address);
    }
  }
}

function* compareValues(address: string, keyword: string, theirs?: Values, ours?: Values): Generator<Difference> {
  const added = (theirs ?? []).filter((value) => !ours?.includes(value));
  const removed = (ours ?? []).filter((value) => !theirs?.includes(value));
  const name = { enum: "enum value", oneOf: "alternative" }[keyword] ?? keyword;
  // Without `enum` or `oneOf` all values are valid, so these are more than a list of values.
  if (/^(alias|scope|server|security)$/.test(keyword) || (name !== keyword && theirs && ours)) {
    yield* added.map((value) => createDifference(address, name, value));
    yield* removed.map((value) => createDifference(address, name, undefined, value));
  } else if (added.length + removed.length > 0) {
    yield createDifference(address, keyword, theirs?.join(" | "), ours?.join(" | "));
  }
}

/** The line is such as `getChats › query › limit: maximum: 20 -> 50`. */
function createDifference(address: string, subject: string, theirs?: string, ours?: string) {
  const [what, values] = describeChange(subject, theirs, ours);
  const [operation = "", ...path] = address.split(" › ");
  // For JSON, the usual media type, the path is easier to read without it.
  const where = path.filter((name) => name !== "application/json" || subject === "media type");
  const line = [[operation, ...where].join(" › "), what, values].filter((text) => text && text !== "true").join(": ");
  const impact = findImpact(what, theirs, ours)[isInResponse(address) ? "response" : "request"];
  return { class: impact, operation, where, what, theirs, ours, line };
}

function describeChange(subject: string, theirs?: string, ours?: string) {
  if (ours === undefined) return [`${subject} added`, theirs] as const;
  if (theirs === undefined) return [`${subject} removed`, ours] as const;
  return [subject, `${ours} -> ${theirs}`] as const;
}

/** Merges differences that differ only in the status of the response. */
function mergeStatuses<One extends Difference & { reason: string | undefined }>(differences: readonly One[]): One[] {
  const merged = new Map<string, One>();
  for (const one of differences) {
    const key = `${one.line.replace(statuses, "")} ${one.reason}`;
    const [known, status] = [merged.get(key)?.line ?? "", one.line].map((line) => statuses.exec(line)?.[0]);
    const both = `${known}, ${status}`;
    const where = [`response ${both}`, ...one.where.slice(1)];
    merged.set(key, known === undefined ? one : { ...one, where, line: one.line.replace(statuses, both) });
  }
  return [...merged.values()];
}
