/** What a document states about an operation: the same for documents with the same meaning. */
import { entriesOf, isObject, type JsonObject, toList, toObject } from "./document.js";
import { isBound, isStricter } from "./impact.js";

export type Values = readonly string[];
/** By keyword. */
export type Statements = Map<string, Values>;
/** By the address that they hold for, such as `getChats › request › contexts`. */
export type Facts = Map<string, Statements>;

/** A node within another one: its address from there, and what it is. Without an address, both hold for the same. */
type Part = readonly [suffix: string, node: unknown, kind?: string];
type Statement = readonly [keyword: string, ...values: string[]];

/** @param path the nodes that lead to the keyword, to detect recursion */
type ReadStatement = (value: unknown, address: string, path: readonly JsonObject[]) => readonly Statement[];

const parts = new Map<string, (value: unknown) => readonly Part[]>([
  ["parameters", (value) => toList(value).flatMap(readParameter)],
  ["requestBody", (value) => [["request", value, "body"]]],
  ["responses", (value) => entriesOf(value).map(([status, node]) => [`response ${status}`, node, toKind(status)])],
  ["content", (value) => entriesOf(value).map(([type, node]) => [toMediaType(type), node, "media type"])],
  ["schema", (value) => [["", value]]],
  ["allOf", (value) => toList(value).map((node) => ["", node])],
  ["properties", (value) => entriesOf(value).map(([name, node]) => [name, node, "field"])],
  ["required", (value) => toList(value).map((name) => [String(name), { required: true }, "field"])],
  ["items", (value) => [["items", value]]],
  ["additionalProperties", (value) => (isObject(value) ? [["additionalProperties", value]] : [])],
  // A choice of one is no choice. For readers and writers of a value, `oneOf` and `anyOf` are the same.
  ["oneOf", (value) => (choicesOf(value).length === 1 ? [["", choicesOf(value)[0]]] : [])],
  ["anyOf", (value) => (choicesOf(value).length === 1 ? [["", choicesOf(value)[0]]] : [])],
]);

/** Keywords that are more than a name with a value. */
const statements = new Map<string, ReadStatement>([
  ["type", readTypes],
  ["enum", (value) => [["enum", ...toTexts(toList(value).filter((one) => one !== null))]]],
  ["const", (value) => [["enum", toText(value)]]],
  ["exclusiveMinimum", (value) => readExclusive("minimum", value)],
  ["exclusiveMaximum", (value) => readExclusive("maximum", value)],
  ["oneOf", readChoices],
  ["anyOf", readChoices],
  ["required", (value) => (value === true ? [["required", "true"]] : [])],
  ["additionalProperties", (value) => (value === false ? [["additionalProperties", "false"]] : [])],
  // A read-only field is not part of a request, and a write-only field not part of a response.
  ["readOnly", (value, address) => (value === true && !isInResponse(address) ? [["hidden"]] : [])],
  ["writeOnly", (value, address) => (value === true && isInResponse(address) ? [["hidden"]] : [])],
  ["x-auth-scopes", (value) => [["scope", ...toTexts(value)]]],
  ["x-deprecation-config", (value) => [["deprecation", toText(value)]]],
  ["x-resource-limit-config", readQuota],
]);

/**
 * Keywords without a meaning for calls, such as wording. The client reads no headers that it does not know. Of the
 * scopes that a security scheme offers, only those matter that an operation requires.
 */
const ignored =
  /^(x-.*|title|description|summary|examples?|externalDocs|tags|xml|\$.*|headers|links|callbacks|scopes)$/;

export function readFacts(address: string, node: unknown, ancestors: readonly JsonObject[] = []): Facts {
  const facts: Facts = new Map();
  collect(facts, address, node, ancestors);
  const hidden = [...facts].filter(([, stated]) => stated.has("hidden") && stated.get("kind")?.join() === "field");
  return new Map([...facts].filter(([inner]) => !hidden.some(([outer]) => isWithin(inner, outer))));
}

function collect(facts: Facts, address: string, value: unknown, ancestors: readonly JsonObject[]): void {
  const node = toObject(value);
  const path = [...ancestors, node];
  for (const [keyword, content] of Object.entries(node)) {
    if (ancestors.includes(node) && parts.has(keyword) && typeof content === "object") {
      state(facts, address, ["recursive"]);
      continue;
    }
    const stated = statements.get(keyword)?.(content, address, path) ?? readKeyword(keyword, content);
    stated.forEach((statement) => state(facts, address, statement));
    for (const [suffix, inner, kind] of parts.get(keyword)?.(content) ?? []) {
      const place = suffix === "" ? address : `${address} › ${suffix}`;
      if (kind !== undefined) {
        state(facts, place, ["kind", kind]);
      }
      collect(facts, place, inner, path);
    }
  }
}

/** Adds a statement to those that hold as well, such as those of the other schemas of an `allOf`. */
function state(facts: Facts, address: string, [keyword, ...values]: Statement): void {
  const stated = facts.get(address) ?? new Map<string, Values>();
  const known = stated.get(keyword) ?? values;
  const all = [...new Set([...known, ...values])].sort();
  const both = all.filter((value) => known.includes(value) && values.includes(value));
  const strictest = all.filter((value) => !all.some((other) => isStricter(keyword, other, value)));
  facts.set(address, stated.set(keyword, keyword === "enum" ? both : isBound(keyword) ? strictest : all));
}

/** Any other keyword, unless it states nothing. */
function readKeyword(keyword: string, value: unknown): readonly Statement[] {
  // A minimum of 0 items or characters has no effect.
  const isDefault = (value === false && keyword !== "default") || (value === 0 && /^min[A-Z]/.test(keyword));
  const isStated = !isDefault && !parts.has(keyword) && !ignored.test(keyword);
  return isStated ? [[keyword, ...(Array.isArray(value) ? toTexts(value) : [toText(value)])]] : [];
}

/** A parameter has an address for each of its names. */
function readParameter(node: unknown): readonly Part[] {
  const { name, in: place, "x-aliases": aliases, ...rest } = toObject(node);
  const { style = place === "query" || place === "cookie" ? "form" : "simple" } = rest;
  const { explode = style === "form" } = rest;
  const stated = { ...rest, style: `${String(style)}${explode === true ? ", exploded" : ""}`, explode: false };
  const names = [...new Set(toTexts([name, ...toList(aliases)]))];
  return names.map((own) => {
    const alias = names.filter((other) => other !== own);
    return [`${String(place)} › ${own}`, { ...stated, alias }, "parameter"];
  });
}

function toKind(status: string): string {
  return /^[45d]/.test(status) ? "error response" : "response";
}

function toMediaType(type: string): string {
  return type.replace(/;.*/, "").trim().toLowerCase();
}

function readTypes(value: unknown): readonly Statement[] {
  const types = toTexts([value].flat()).filter((type, _, all) => type !== "null" || all.length === 1);
  return [["type", types.sort().join(" or ")], ...nullableIf(Array.isArray(value) && value.length > types.length)];
}

function choicesOf(branches: unknown): readonly unknown[] {
  return toList(branches).filter((branch) => toObject(branch).type !== "null");
}

function readChoices(branches: unknown, address: string, path: readonly JsonObject[]): readonly Statement[] {
  const choices = choicesOf(branches);
  const texts = choices.map((choice) => describe(readFacts(address, choice, path), address));
  return [
    ...(texts.length > 1 ? [["oneOf", ...texts] as const] : []),
    ...nullableIf(toList(branches).length > choices.length),
  ];
}

function nullableIf(isNullable: boolean): readonly Statement[] {
  return isNullable ? [["nullable", "true"]] : [];
}

/** The documented quota, such as `5000 per hour`, and those of paid tariffs if they differ. */
function readQuota(value: unknown): readonly Statement[] {
  const { path = "resp", none, ...tariffs } = toObject(value);
  const toQuota = (quota: unknown) => {
    const { amount, period, "period-duration": duration = 1 } = toObject(quota);
    const hours = duration === 1 ? String(period).replace(/s$/, "") : `${String(duration)} ${String(period)}`;
    return `${String(amount)} per ${hours}`;
  };
  const all = entriesOf(tariffs).map(([tariff, quota]) => [toQuota(quota), tariff] as const);
  const others = all.filter(([quota]) => quota !== toQuota(none)).map(([quota, tariff]) => `${quota} (${tariff})`);
  // `resp` counts requests. Any other value is the list whose items are counted.
  return [["quota", toQuota(none), ...others, ...(path === "resp" ? [] : [`for each of ${String(path)}`])]];
}

/** OpenAPI 3.1 has a number where OpenAPI 3.0 has a boolean next to the bound. */
function readExclusive(bound: string, value: unknown): readonly Statement[] {
  const exclusive = [`exclusive ${bound}`, "true"] as const;
  return typeof value === "number" ? [[bound, String(value)], exclusive] : value === true ? [exclusive] : [];
}

function isInResponse(address: string): boolean {
  return /^[^›]* › response /.test(address);
}

export function isWithin(address: string, outer: string): boolean {
  return `${address} › `.startsWith(`${outer} › `);
}

/** Any value as text, such as `in header, name Api-Key`, independent of wording and of the order of keys. */
export function toText(value: unknown, ancestors: readonly unknown[] = []): string {
  if (ancestors.includes(value)) {
    return "recursive";
  }
  const path = [...ancestors, value];
  if (Array.isArray(value)) {
    return `[${value.map((item) => toText(item, path)).join(", ")}]`;
  }
  const entries = entriesOf(value).filter(([key]) => !ignored.test(key));
  const texts = entries.map(([key, inner]) => `${key} ${toText(inner, path)}`);
  return isObject(value) ? texts.sort().join(", ") : String(value);
}

function toTexts(list: unknown): string[] {
  return toList(list).map((value) => toText(value));
}

/** Everything that is stated at an address and within, so that an accepted difference is void if any of it changes. */
export function describe(facts: Facts, address: string): string {
  const within = [...facts].filter(([place]) => isWithin(place, address));
  const texts = within
    .sort(([first], [second]) => (first < second ? -1 : 1))
    .map(([place, stated]) => {
      const words = [...stated].filter(([keyword, values]) => keyword !== "kind" && values.length > 0);
      const list = words.map(([keyword, values]) => `${keyword} ${values.join(" | ")}`.replace(/ true$/, ""));
      return [place.slice(`${address} › `.length), list.sort().join(", ")].filter(Boolean).join(": ");
    });
  return texts.filter(Boolean).join("; ");
}
