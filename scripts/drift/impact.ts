/** Classifies changes by their impact on users of this library, who write requests and read responses. */
type Impact = Readonly<Record<"request" | "response", "breaking" | "addition" | "documentation">>;

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
/** No effect on calls: a deprecation, a quota (the client reads it from response headers), an error response. */
const informational: Impact = { request: "documentation", response: "documentation" };

/** The first expression that matches decides. */
const impacts: readonly (readonly [what: RegExp, impact: Impact])[] = [
  [/^(deprecated|deprecation|operationId|quota)\b/, informational],
  [/^(default (added|removed)|alias added|error response removed)$/, informational],
  [/^(default|enum value removed|additionalProperties added)$/, restricted],
  [/^(parameter|body|(error )?response|media type|field|enum value|scope|server|security) added$/, extended],
  [/^additionalProperties removed$/, extended],
  [/^(parameter|body|response|media type|field|alias|scope|server|security) removed$/, incompatible],
  [/^(nullable|alternative) added$/, widened],
  [/^(nullable|alternative) removed$/, narrowed],
  // A required part, or any other keyword, which restricts the values.
  [/ added$/, narrowed],
  [/ removed$/, widened],
  // A changed bound, such as `minimum` or `maxLength`, has no fixed impact.
  [/^(?!min|max)/, incompatible],
];

/** @param what such as `minimum`, `nullable added` or `required field added` */
export function findImpact(what: string, theirs = "", ours = ""): Impact {
  const impact = impacts.find(([expression]) => expression.test(what))?.[1];
  return impact ?? (isStricter(what, theirs, ours) ? narrowed : widened);
}

/** Whether the first value of a bound, such as `minimum` or `maxLength`, allows fewer values than the second. */
export function isStricter(keyword: string, first: string, second: string): boolean {
  if (keyword.startsWith("min")) return Number(first) > Number(second);
  return keyword.startsWith("max") && Number(first) < Number(second);
}
