/** Changes that the Market could make to an operation, one at a time. */
import { type Json, tiny } from "./documents.js";

/**
 * A change and two documents, or two schemas for the request and the response. The change starts with the classes if
 * their document has it, and those if ours has it: breaking, addition or documentation. ± becomes added or removed.
 */
type Row = readonly [change: string, changed: Json, original: Json];

const string = { type: "string" };
const object = (properties: Json, ...required: string[]): Json => ({ type: "object", properties, required });
const content = (schema: Json) => ({ content: { "application/json": { schema } } });
const required = { required: true };
const deprecated = { deprecated: true };

const titled = object({ title: string }); // a field that is called like a keyword without effect

/** Keywords that restrict the values. */
const restricting = { multipleOf: 7, pattern: "^a", uniqueItems: true, format: "date", not: string, minimum: 0 };

/** Changes of a schema, in the request and in the response. */
const schemas: Row[] = [
  ...Object.entries(restricting).map(([keyword, value]): Row => [`ba ab ${keyword} ±`, { [keyword]: value }, {}]),
  ...["Length", "Items", "Properties", "imum"].flatMap((suffix): Row[] => [
    [`ba ab min${suffix}`, { [`min${suffix}`]: 10 }, { [`min${suffix}`]: 9 }],
    [`ba ab max${suffix}`, { [`max${suffix}`]: 9 }, { [`max${suffix}`]: 10 }],
    [`ba ab min${suffix} ±`, { [`min${suffix}`]: 3 }, {}],
    [`ba ab max${suffix} ±`, { [`max${suffix}`]: 0 }, {}],
  ]),
  ["ba ab exclusive minimum ±", { minimum: 3, exclusiveMinimum: true }, { minimum: 3 }],
  ["ba ab exclusive maximum ±", { maximum: 3, exclusiveMaximum: true }, { maximum: 3 }],
  ["ab ba nullable ±", { nullable: true }, {}],
  ["dd dd deprecated ±", deprecated, {}],
  ["dd dd deprecation ±", { "x-deprecation-config": { "shutdown-date": "2026-10-19" } }, {}],
  ["ba ab type ±", string, {}],
  ["bb bb type", { type: "boolean" }, string],
  ["bb bb format", { format: "email" }, { format: "date" }],
  ["dd dd default ±", { default: false }, {}],
  ["bd bd default", { default: 1 }, { default: 2 }],
  ["aa bd enum value ±", { enum: ["A", "B"] }, { enum: ["A"] }],
  ["ba ab enum ±", { enum: ["A", "B"] }, {}],
  ["ba ab enum ±", { const: false }, {}],
  ["aa bd enum value ±; bd aa enum value ∓", { const: false }, { const: true }],
  ["ab ba alternative ±; ba ab alternative ∓", { oneOf: [string, titled] }, { oneOf: [string, object({})] }],
  ["ba ab oneOf ±", { oneOf: [{ maxLength: 3 }, { minLength: 9 }] }, {}],
  ["ab ba alternative ±", { oneOf: [string, {}, object({})] }, { anyOf: [string, {}] }],
  ["ba ab items: type ±", { items: string }, { items: {} }],
  ["bd aa additionalProperties ±", { additionalProperties: false }, {}],
  ["ba ab additionalProperties: type ±", { additionalProperties: string }, {}],
  ["aa bb a: field ±", object({ a: string }), object({})],
  ["ba bb a: required field ±", object({ a: string }, "a"), object({})],
  ["ba ab a: required ±", object({ a: string }, "a"), object({ a: string })],
  ["ba ab a: type ±", object({ a: string }), object({ a: {} })],
];

const json = "application/json";
const inBoth = (schema: Json, ...types: string[]) => {
  const body = { content: Object.fromEntries(types.map((type) => [type, { schema }])) };
  return { requestBody: body, responses: { 200: body } };
};
const anywhere: Row[] = [
  ...schemas.map(([change, changed, original]): Row => [change, inBoth(changed, json), inBoth(original, json)]),
  ["aa bb a/b: media type ±", inBoth({}, json, "a/b"), inBoth({}, json)],
  [`aa bb a/b: media type ±; bb aa ${json}: media type ∓`, inBoth({}, "a/b"), inBoth({}, json)],
];

const withA = (a: Json) => inBoth(object({ a }), json);
const parameter = (more: Json = {}) => ({ parameters: [{ name: "ids", in: "query", schema: string, ...more }] });
const movedTo = (place: string) => `a b ${place}: parameter ±; b a query › ids: parameter ∓`;
const aliases = (...names: string[]) => ({ "x-aliases": names });
const quota = (amount: number) => ({ "x-resource-limit-config": { none: { amount, period: "hours" } } });
const scopes = (...names: string[]) => ({ "x-auth-scopes": names });
const servers = (...urls: string[]) => ({ servers: urls.map((url) => ({ url })) });
const status = (name: string) => ({ responses: { 200: content({}), [name]: content({}) } });

/** Changes of an operation. */
const operations: Row[] = [
  ["a b query › ids: parameter ±", parameter(), {}],
  ["b b query › ids: required parameter ±", parameter(required), {}],
  ["a b query › ids: parameter ±", parameter(aliases("new", "ids")), {}],
  ["b a query › ids: required ±", parameter(required), parameter()],
  [movedTo("query › new"), parameter({ name: "new" }), parameter()],
  [movedTo("header › ids"), parameter({ in: "header" }), parameter()],
  ["d b query › ids: alias ±", parameter(aliases("new")), parameter()],
  ["d b query › ids: alias ±", parameter({ name: "new", ...aliases("new", "ids"), ...required }), parameter(required)],
  ["b b query › ids: style", parameter({ explode: false }), parameter()],
  ["b b query › ids: style", parameter({ style: "pipeDelimited" }), parameter()],
  ["d d query › ids: deprecated ±", parameter(deprecated), parameter()],
  ["b a query › ids: type ±", parameter(), parameter({ schema: {} })],
  ["a b request: body ±", { requestBody: content({}) }, {}],
  ["b b request: required body ±", { requestBody: required }, {}],
  ["b a request: required ±", { requestBody: required }, { requestBody: {} }],
  ["b a request › a: field ∓", withA({ readOnly: true }), withA({})],
  ["b a response 200 › a: field ∓", withA({ writeOnly: true }), withA({})],
  ["a b response 202: response ±", status("202"), status("200")],
  ["a d response 423: error response ±", status("423"), status("200")],
  ["a d response 503: error response ±", status("503"), status("200")],
  ["a d response default: error response ±", status("default"), status("200")],
  ["d d deprecated ±", deprecated, {}],
  ["d d operationId", { operationId: "new" }, {}],
  ["d d quota", quota(5), quota(9)],
  ["d d quota ±", quota(9), {}],
  ["a b scope ±", scopes("read"), {}],
  ["a b scope ±; b a scope ∓", scopes("all", "write"), scopes("all", "read")],
  ["a b server ±; b a server ∓", servers("https://a"), servers("https://b")],
];

const get = tiny({}).paths["/things"].get;
const paths = (path: string, item: Json) => ({ ...tiny({}), paths: { [path]: item } });
const secured = (security: Json[], apiKey: Json = {}) => {
  const ApiKey = { type: "apiKey", in: "header", name: "Api-Key", ...apiKey };
  const securitySchemes = { ApiKey, OAuth: { type: "oauth2", flows: {} } };
  return { ...tiny({}), security, components: { securitySchemes } };
};
const key = secured([{ ApiKey: [] }]);
const otherKey = "a b security ±; b a security ∓";

/** Changes above the operation. */
const documents: Row[] = [
  ["a b server ±", paths("/things", { get, ...servers("https://a") }), tiny({})],
  ["a b server ±", { ...tiny({}), ...servers("https://a") }, tiny({})],
  ["b b moved", paths("/v2/things", { get }), tiny({})],
  ["b b moved", paths("/things", { put: get }), tiny({})],
  ["b a security ∓", { ...key, paths: tiny({}, { security: [] }).paths }, key],
  ["a b security ±", secured([{ ApiKey: [] }, {}]), key],
  ["a b security ±", secured([{ ApiKey: [] }, { OAuth: ["market"] }]), key],
  [otherKey, secured([{ OAuth: ["market"] }]), secured([{ OAuth: ["other"] }])],
  [otherKey, secured([{ ApiKey: [], OAuth: [] }]), key],
  [otherKey, secured([{ ApiKey: [] }], { name: "X-Api-Key" }), key],
  [otherKey, secured([{ ApiKey: [] }], { type: "http", scheme: "bearer" }), key],
];

const classes: Readonly<Record<string, string>> = { a: "addition", b: "breaking", d: "documentation" };

/** The expected lines if their document has the change (0), or ours (1). */
export function expectLines(changes: string, side: 0 | 1, places: readonly string[]): string[] {
  const [plus, minus] = side === 0 ? ["added", "removed"] : ["removed", "added"];
  const lines = changes.split("; ").flatMap((change) => {
    const [theirs = "", ours = "", ...words] = change.split(" ");
    const text = words.join(" ").replace("±", plus).replace("∓", minus);
    const what = text.endsWith("removed") ? text.replace(/required (?=\w+ \w+$)/, "") : text;
    return places.map((place, index) => {
      const separator = place === "" ? "" : what.includes(": ") ? " › " : ": ";
      return `${classes[(side === 0 ? theirs : ours).charAt(index)]}: ${place}${separator}${what}`;
    });
  });
  return lines.sort();
}

const ofOperation = ([change, changed, original]: Row): Row => [change, tiny({}, changed), tiny({}, original)];

/** The name of each change, its two documents, and the places in which it is reported. */
export const changes: [...Row, ...places: string[]][] = [
  ...anywhere.map((row): [...Row, string, string] => [...ofOperation(row), "request", "response 200"]),
  ...[...operations.map(ofOperation), ...documents].map((row): [...Row, string] => [...row, ""]),
];
