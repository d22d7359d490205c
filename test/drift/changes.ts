/** Changes that the Market could make to an operation, one at a time. */
import { at, type Json, tiny } from "./documents.js";

/** Impact and change, two schemas or documents, and the change in the other direction unless `reverse` returns it. */
type Row = readonly [change: string, changed: Json, original: Json, reverse?: string | undefined];

/** The class of a change, for users who write requests and read responses. */
const impacts: Record<string, { readonly request: string; readonly response: string }> = {
  extended: { request: "addition", response: "addition" },
  narrowed: { request: "breaking", response: "addition" },
  widened: { request: "addition", response: "breaking" },
  incompatible: { request: "breaking", response: "breaking" },
  restricted: { request: "breaking", response: "documentation" },
  informational: { request: "documentation", response: "documentation" },
};

/** What is required, added or stricter in one direction is optional, removed or less strict in the other. */
function reverse(change: string): string {
  const [impact = "", ...path] = change.split(": ");
  const what = path.pop() ?? "";
  if (/ (added|removed)$/.test(what)) {
    const isAdded = what.endsWith("added");
    const reversed = isAdded
      ? what.replace(/^required /, "").replace("added", "removed")
      : what.replace("removed", "added");
    return [isAdded ? "incompatible" : "extended", ...path, reversed].join(": ");
  }
  return [{ narrowed: "widened", widened: "narrowed" }[impact] ?? impact, ...path, what].join(": ");
}

const string = { type: "string" };
const object = (properties: Json, ...required: string[]): Json => ({ type: "object", properties, required });
const content = (schema: Json) => ({ content: { "application/json": { schema } } });

const schemas: Row[] = [
  ["widened: nullable", { nullable: true }, {}],
  ["informational: deprecated", { deprecated: true }, {}],
  ["informational: deprecation", { "x-deprecation-config": { "shutdown-date": "2026-10-19" } }, {}],
  ["incompatible: type", { type: "boolean" }, string],
  ["narrowed: type", string, {}],
  ["narrowed: multipleOf", { multipleOf: 7 }, {}],
  ["narrowed: format", { format: "email" }, {}],
  ["incompatible: format", { format: "email" }, { format: "date" }],
  ["informational: default", { default: 1 }, {}],
  ["restricted: default", { default: 1 }, { default: 2 }],
  ...["Length", "Items", "Properties", "imum"].flatMap((suffix): Row[] => [
    [`narrowed: min${suffix}`, { [`min${suffix}`]: 4 }, { [`min${suffix}`]: 3 }],
    [`narrowed: max${suffix}`, { [`max${suffix}`]: 2 }, { [`max${suffix}`]: 3 }],
    [`narrowed: min${suffix}`, { [`min${suffix}`]: 3 }, {}],
    [`narrowed: max${suffix}`, { [`max${suffix}`]: 3 }, {}],
  ]),
  ["narrowed: minimum", { minimum: 3, exclusiveMinimum: true }, { minimum: 3 }],
  ["narrowed: maximum", { maximum: 3, exclusiveMaximum: true }, { maximum: 3 }],
  ["extended: enum value added", { enum: ["A", "B"] }, { enum: ["A"] }, "restricted: enum value removed"],
  ["narrowed: enum value", { enum: ["A", "B"] }, {}],
  ["narrowed: pattern", { pattern: "^a" }, {}],
  ["narrowed: alternative", { oneOf: [{ maxLength: 3 }, { minLength: 9 }] }, {}],
  [
    "widened: alternative added",
    { oneOf: [string, {}, object({})] },
    { oneOf: [string, {}] },
    "narrowed: alternative removed",
  ],
  ["narrowed: uniqueItems", { uniqueItems: true }, {}],
  ["narrowed: items: type", { items: string }, { items: {} }],
  ["restricted: additionalProperties", { additionalProperties: false }, {}, "extended: additionalProperties"],
  ["narrowed: additionalProperties: type", { additionalProperties: string }, {}],
  ["extended: a: field added", object({ a: string }), object({})],
  ["narrowed: a: required field added", object({ a: string }, "a"), object({})],
  ["narrowed: a: required", object({ a: string }, "a"), object({ a: string })],
  ["narrowed: a: type", object({ a: string }), object({ a: {} })],
];

const inBoth = (schema: Json) => tiny(schema, { requestBody: content(schema) });
const media = (...types: string[]) => {
  const body = { content: Object.fromEntries(types.map((type) => [type, { schema: {} }])) };
  return tiny({}, { requestBody: body, responses: { 200: body } });
};
/** Changes of the request and of the response. */
const anywhere: Row[] = [
  ...schemas.map(([change, changed, original, reversed]): Row => [change, inBoth(changed), inBoth(original), reversed]),
  ["extended: a/b: media type added", media("a/a", "a/b"), media("a/a")],
  ["extended: a/b: media type added; incompatible: a/a: media type removed", media("a/b"), media("a/a")],
];

const operation = (more: Json = {}) => tiny({}, more);
const parameter = (more: Json) => operation({ parameters: [{ name: "ids", in: "query", schema: string, ...more }] });
const ids = parameter({});
const movedTo = (place: string) => `extended: ${place}: parameter added; incompatible: query › ids: parameter removed`;
const alias = { name: "new", "x-aliases": ["new", "ids"] };
const required = { required: true };
const deprecation = { "x-deprecation-config": { "shutdown-date": "2026-10-19" } };
const quota = (none: Json, more: Json = {}) =>
  operation({ "x-resource-limit-config": { none: { amount: 9, period: "hours", ...none }, ...more } });
const scopes = (...names: string[]) => operation({ "x-auth-scopes": names });
const servers = (...urls: string[]) => ({ servers: urls.map((url) => ({ url })) });
const server = { ...operation(), ...servers("https://a") };
const { parameters } = at(ids, "paths", "/things", "get");
const get = at(operation(), "paths", "/things", "get");
const paths = (path: string, item: Json) => ({ ...operation(), paths: { [path]: item } });
const secured = (security: Json[], apiKey: Json = {}) => {
  const ApiKey = { type: "apiKey", in: "header", name: "Api-Key", ...apiKey };
  const securitySchemes = { ApiKey, OAuth: { type: "oauth2", flows: {} } };
  return { ...operation(), security, components: { securitySchemes } };
};
const key = secured([{ ApiKey: [] }]);
const otherKey = "extended: security added; incompatible: security removed";

/** Changes of the request or of the whole operation. */
const requests: Row[] = [
  ["extended: query › ids: parameter added", ids, operation()],
  ["narrowed: query › ids: required parameter added", parameter(required), operation()],
  ["extended: query › ids: parameter added", paths("/things", { get, parameters }), operation()],
  ["narrowed: query › ids: required", parameter(required), ids],
  [movedTo("query › new"), parameter({ name: "new" }), ids],
  [movedTo("header › ids"), parameter({ in: "header" }), ids],
  ["informational: query › ids: name", parameter({ "x-aliases": ["other"] }), ids],
  ["informational: query › ids: name", parameter(alias), ids, "informational: query › new: name"],
  ["incompatible: query › ids: style", parameter({ explode: false }), ids],
  ["incompatible: query › ids: style", parameter({ style: "pipeDelimited" }), ids],
  ["informational: query › ids: deprecated", parameter({ deprecated: true }), ids],
  ["informational: query › ids: deprecation", parameter(deprecation), ids],
  ["narrowed: query › ids: type", ids, parameter({ schema: {} })],
  ["extended: request: body added", operation({ requestBody: content({}) }), operation()],
  ["narrowed: request: required body added", operation({ requestBody: required }), operation()],
  ["narrowed: request: required", operation({ requestBody: required }), operation({ requestBody: {} })],
  ["incompatible: request › a: field removed", inBoth(object({ a: { readOnly: true } })), inBoth(object({ a: {} }))],
  ["informational: deprecated", operation({ deprecated: true }), operation()],
  ["informational: deprecation", operation(deprecation), operation()],
  ["informational: quota", quota({ amount: 5 }), quota({})],
  ["informational: quota", quota({ period: "minutes" }), quota({})],
  ["informational: quota", quota({ "period-duration": 2 }), quota({})],
  ["informational: quota", quota({}, { path: "items" }), quota({})],
  ["informational: quota", quota({}, { medium: { amount: 10, period: "hours" } }), quota({})],
  ["informational: quota", quota({}), operation()],
  ["informational: operationId", operation({ operationId: "new" }), operation(), "informational: new: operationId"],
  ["extended: scope added", scopes("read", "write"), scopes("read")],
  ["extended: scope added; incompatible: scope removed", scopes("write"), scopes("read")],
  ["extended: server added", { ...operation(), ...servers("https://a", "https://b") }, server],
  ["extended: server added; incompatible: server removed", { ...server, ...operation(servers("https://b")) }, server],
  ["incompatible: moved", paths("/v2/things", { get }), operation()],
  ["incompatible: moved", paths("/things", { put: get }), operation()],
  ["incompatible: security removed", { ...key, paths: operation({ security: [] }).paths }, key],
  ["extended: security added", secured([{ ApiKey: [] }, {}]), key],
  ["extended: security added", secured([{ ApiKey: [] }, { OAuth: ["market"] }]), key],
  [otherKey, secured([{ OAuth: ["market"] }]), secured([{ OAuth: ["other"] }])],
  [otherKey, secured([{ ApiKey: [], OAuth: [] }]), key],
  [otherKey, secured([{ ApiKey: [] }], { name: "X-Api-Key" }), key],
  [otherKey, secured([{ ApiKey: [] }], { type: "http", scheme: "bearer" }), key],
];

const status = (name: string) => operation({ responses: { 200: content({}), [name]: content({}) } });
const errorGone = (name: string) => `informational: response ${name}: error response removed`;
const responses: Row[] = [
  ["extended: response 202: response added", status("202"), operation()],
  ["extended: response 423: error response added", status("423"), operation(), errorGone("423")],
  ["extended: response 503: error response added", status("503"), operation(), errorGone("503")],
  ["extended: response default: error response added", status("default"), operation(), errorGone("default")],
  ["incompatible: a: field removed", inBoth(object({ a: { writeOnly: true } })), inBoth(object({ a: {} }))],
];

type Side = "request" | "response";
const toLines = (change: string, side: Side, place = "") =>
  change.split("; ").map((one) => {
    const [impact = "", ...path] = one.split(": ");
    const separator = place === "" ? "" : path.length > 1 ? " › " : ": ";
    return `${impacts[impact]?.[side]}: ${place}${separator}${path.join(": ")}`;
  });
const toChanges = (rows: readonly Row[], getLines: (change: string) => string[]) =>
  rows.map(([change, changed, original, reversed = change.split("; ").map(reverse).join("; ")]) => {
    return { change, changed, original, theirs: getLines(change).sort(), ours: getLines(reversed).sort() };
  });

/** The documents of each change, and the expected lines if their document has it, and if ours has it. */
export const changes = [
  ...toChanges(anywhere, (change) => [...toLines(change, "request", "request"), ...toLines(change, "response")]),
  ...toChanges(requests, (change) => toLines(change, "request")),
  ...toChanges(responses, (change) => toLines(change, "response")),
];
