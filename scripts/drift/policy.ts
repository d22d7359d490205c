/** Classifies differences by their impact on users of this library, who write requests and read responses. */
export type Value = string | number | boolean;

export type Fact = Value | readonly string[];

export type Class = "breaking" | "addition" | "documentation";

export interface Impact {
  readonly request: Class;
  readonly response: Class;
}

/** A new optional part or enum value. Users have to expect unknown fields and enum values in responses. */
const extended: Impact = { request: "addition", response: "addition" };
/** Fewer values are valid, or a part became required. */
const narrowed: Impact = { request: "breaking", response: "addition" };
/** More values are valid, such as null, or a part became optional. */
const widened: Impact = { request: "addition", response: "breaking" };
/** A part was removed, or has another type, format or path. */
const incompatible: Impact = { request: "breaking", response: "breaking" };
/** An enum value was removed or a default changed: requests may use it, responses merely never contain it. */
const restricted: Impact = { request: "breaking", response: "documentation" };
/** No effect on calls: a deprecation, an alias, a quota (the client reads it from response headers). */
const informational: Impact = { request: "documentation", response: "documentation" };

/** By fact: the impact if their document has it (or the element of a list), and if only ours has it. */
const rules: readonly (readonly [fact: RegExp, has: Impact, hasNot: Impact])[] = [
  [/^(additionalProperties|enum value)$/, extended, restricted],
  [/^(alternative|nullable)$/, widened, narrowed],
  [/^(required|uniqueItems)$/, narrowed, widened],
  [/^(scope|security|server)$/, extended, incompatible],
  [/^(deprecated|deprecation|name|operationId|quota)$/, informational, informational],
  [/^style$/, incompatible, incompatible],
];

/** The impact of a part that only their document has. */
export function impactOfAddition(required: boolean): Impact {
  return required ? narrowed : extended;
}

/** The impact of a part that only our document has. */
export function impactOfRemoval(noun: string): Impact {
  // Users catch errors by class, not by a list of statuses.
  return noun === "error response" ? informational : incompatible;
}

/** The impact of a fact that differs. Lists are compared by element: `true` if their document has the element. */
export function impactOfFact(name: string, theirs: Fact | undefined, ours: Fact | undefined): Impact {
  const isStated = theirs !== undefined && ours !== undefined;
  const rule = rules.find(([fact]) => fact.test(name));
  if (rule !== undefined && typeof (theirs ?? ours) !== "object") {
    return theirs === true ? rule[1] : rule[2];
  }
  if (name === "default") {
    return isStated ? restricted : informational;
  }
  if (!isStated) {
    return theirs === undefined ? widened : narrowed;
  }
  return !isBound(name) ? incompatible : isStricter(name, theirs, ours) ? narrowed : widened;
}

export function isBound(name: string): boolean {
  return /^(min|max)/.test(name);
}

/** Whether the first value of a bound, such as `minimum` or `maxLength`, allows fewer values than the second. */
export function isStricter(name: string, first: Fact, second: Fact): boolean {
  const toNumber = (bound: Fact) => Number(String(bound).replace("beyond ", ""));
  const difference = toNumber(first) - toNumber(second);
  return difference === 0 ? typeof first === "string" : name.startsWith("min") ? difference > 0 : difference < 0;
}
