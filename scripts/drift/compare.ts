/** Compares the operations of our document with those of a published one, fact by fact. */
import { SpecificationError } from "../specification.js";
import { type JsonObject, toList, toObject } from "./document.js";
import { describe, isInResponse, isWithin, readFacts, type Values } from "./facts.js";
import { findImpact } from "./impact.js";
import { findOperations, type Operation } from "./operations.js";

type Accepted = ReturnType<typeof readAccepted>[number];
type Difference = ReturnType<typeof createDifference>;
export type Report = ReturnType<typeof compareDocuments>;

/** @throws SpecificationError if an operation of ours is not in theirs, or if an accepted difference is invalid */
export function compareDocuments(theirs: JsonObject, ours: JsonObject) {
  const published = findOperations(theirs);
  const pairs = findOperations(ours).map((our) => ({ our, their: findCounterpart(our, published) }));
  const tags = pairs.flatMap(({ our }) => our.tags);
  const entries = toList(ours["x-accepted-drift"]).flatMap(readAccepted);
  const found = pairs.flatMap(({ our, their }) => [...compareOperations(their, our)]);
  const all = mergeStatuses(found, entries);
  return {
    operations: pairs.map(({ our }) => our.name),
    differences: all.filter(({ reason }) => reason === undefined),
    accepted: all.filter(({ reason }) => reason !== undefined),
    /** Accepted lines without a difference. */
    stale: entries.filter(({ accepts }) => !found.some(accepts)).map(({ line, reason }) => ({ line, reason })),
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
  if (their !== undefined) return their;
  throw new SpecificationError(`operation ${our.name} is gone, and no other is at ${our.route}`);
}

const statusesPattern = /(?<=^[^›]* › response )[^›:]*?(?= ›|:)/;

function readAccepted(entry: unknown) {
  const { reason, lines } = toObject(entry);
  if (typeof reason !== "string" || toList(lines).length === 0) {
    throw new SpecificationError("x-accepted-drift: an entry needs a reason, and lines of the report");
  }
  return toList(lines)
    .map(String)
    .map((line) => {
      const each = statusesPattern.exec(line)?.[0].split(", ") ?? [];
      const accepted = [line, ...each.map((status) => line.replace(statusesPattern, status))];
      return { line, reason, accepts: (difference: Difference) => accepted.includes(difference.line) };
    });
}

const none: ReadonlyMap<string, Values> = new Map();

function* compareOperations(published: Operation, { name, node }: Operation): Generator<Difference> {
  const [theirs, ours] = [readFacts(name, published.node), readFacts(name, node)];
  // How many levels of a recursive schema a document spells out has no meaning.
  const done = [...theirs, ...ours].filter(([, stated]) => stated.has("recursive")).map(([address]) => address);
  for (const address of new Set([...ours.keys(), ...theirs.keys()])) {
    const [their = none, our = none] = [theirs.get(address), ours.get(address)];
    const isPublished = their.has("kind");
    if (done.some((outer) => address !== outer && isWithin(address, outer))) {
      continue;
    } else if (isPublished === our.has("kind")) {
      for (const keyword of new Set([...our.keys(), ...their.keys()])) {
        yield* compareValues(address, keyword, their.get(keyword), our.get(keyword));
      }
    } else {
      const [facts, others] = isPublished ? [theirs, ours] : [ours, theirs];
      const { kind, alias = [], required } = Object.fromEntries(isPublished ? their : our);
      // If the other document has the parameter under another name, the difference is only the alias.
      const otherNames = alias.map((other) => address.replace(/[^›]*$/, ` ${other}`));
      if (!otherNames.some((other) => others.has(other) || done.includes(other))) {
        const content = describe(facts, address);
        if (isPublished) yield createDifference(address, `${required ? "required " : ""}${kind?.join()}`, content);
        else yield createDifference(address, String(kind?.join()), undefined, content);
      }
      done.push(address);
    }
  }
}

function* compareValues(address: string, keyword: string, theirs?: Values, ours?: Values): Generator<Difference> {
  const added = (theirs ?? []).filter((value) => !ours?.includes(value));
  const removed = (ours ?? []).filter((value) => !theirs?.includes(value));
  const name = { enum: "enum value", oneOf: "alternative" }[keyword] ?? keyword;
  // If only one document has `enum` or `oneOf`, the list is one difference: the other document allows every value.
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

/** Merges differences that differ only in the status of the response, and adds the reason of accepted ones. */
function mergeStatuses(differences: readonly Difference[], entries: readonly Accepted[]) {
  const merged = new Map<string, Difference & { reason: string | undefined }>();
  for (const difference of differences) {
    const reason = entries.find(({ accepts }) => accepts(difference))?.reason;
    const key = JSON.stringify([difference.line.replace(statusesPattern, ""), reason]);
    const known = statusesPattern.exec(merged.get(key)?.line ?? "")?.[0];
    const all = `${known}, ${statusesPattern.exec(difference.line)?.[0]}`;
    const [, ...rest] = difference.where;
    const changed = { where: [`response ${all}`, ...rest], line: difference.line.replace(statusesPattern, all) };
    merged.set(key, { ...difference, reason, ...(known !== undefined && changed) });
  }
  return [...merged.values()];
}
