/** What a document states about an operation: the same for documents with the same meaning. */
import { entriesOf, isObject, type JsonObject, toList, toObject } from "./document.js";
import { isStricter } from "./impact.js";

export type Values = readonly string[];
/** Values by keyword, by the address that they hold for, such as `getChats › request › contexts`. */
export type Facts = Map<string, Map<string, Values>>;

/** A node within another one: its address from there, and what it is. Without an address, both hold for the same. */
type Part = readonly [suffix: string, node: unknown, kind?: string];
type ReadParts = (value: unknown) => readonly Part[];

/** Reads a keyword that is more than a name with a value. A value of false is not read. */
type ReadStatements = (value: unknown, address: string) => Readonly<Record<string, Values>>;

/** A choice of one is no choice. */
const readOnlyChoice: ReadParts = (value) => (choicesOf(value).length === 1 ? [["", choicesOf(value)[0]]] : []);

const parts = new Map(
  Object.entries<ReadParts>({
    parameters: (value) => toList(value).flatMap(readParameter),
    requestBody: (value) => [["request", value, "body"]],
    responses: (value) => entriesOf(value).map(([status, node]) => [`response ${status}`, node, toKind(status)]),
    content: (value) => entriesOf(value).map(([type, node]) => [toMediaType(type), node, "media type"]),
    schema: (value) => [["", value]],
    allOf: (value) => toList(value).map((node) => ["", node]),
    properties: (value) => entriesOf(value).map(([name, node]) => [name, node, "field"]),
    required: (value) => toList(value).map((name) => [String(name), { required: true }, "field"]),
    items: (value) => [["items", value]],
    additionalProperties: (value) => (isObject(value) ? [["additionalProperties", value]] : []),
    oneOf: readOnlyChoice,
    anyOf: readOnlyChoice,
  }),
);

const statements = new Map(
  Object.entries<ReadStatements>({
    type: readTypes,
    enum: (value) => ({ enum: toTexts(toList(value).filter((one) => one !== null)) }),
    const: (value) => ({ enum: [toText(value)] }),
    exclusiveMinimum: (value) => readExclusive("minimum", value),
    exclusiveMaximum: (value) => readExclusive("maximum", value),
    // For readers and writers of a value, `oneOf` and `anyOf` are the same.
    oneOf: readChoices,
    anyOf: readChoices,
    required: (value) => (value === true ? { required: ["true"] } : {}),
    additionalProperties: (value) => (value === false ? { additionalProperties: ["false"] } : {}),
    // A read-only field is not part of a request, and a write-only field not part of a response.
    readOnly: (_, address) => (isInResponse(address) ? {} : { hidden: [] }),
    writeOnly: (_, address) => (isInResponse(address) ? { hidden: [] } : {}),
    "x-auth-scopes": (value) => ({ scope: toTexts(value) }),
    "x-deprecation-config": (value) => ({ deprecation: [toText(value)] }),
    "x-resource-limit-config": (value) => ({ quota: readQuotas(value) }),
  }),
);

/**
 * Keywords without a meaning for calls, such as wording. The client reads no headers that it does not know. Of the
 * scopes that a security scheme offers, only those matter that an operation requires.
 */
const ignored =
  /^(x-.*|title|description|summary|examples?|externalDocs|tags|xml|\$.*|headers|links|callbacks|scopes)$/;

const nullable = { nullable: ["true"] };

export function readFacts(address: string, node: unknown): Facts {
  const facts: Facts = new Map();
  collect(facts, address, node, []);
  const hidden = [...facts].filter(([, stated]) => stated.has("hidden") && stated.get("kind")?.join() === "field");
  return new Map([...facts].filter(([inner]) => !hidden.some(([outer]) => isWithin(inner, outer))));
}

function collect(facts: Facts, address: string, value: unknown, ancestors: readonly JsonObject[]): void {
  const node = toObject(value);
  for (const [keyword, content] of Object.entries(node)) {
    if (ancestors.includes(node) && parts.has(keyword) && typeof content === "object") {
      state(facts, address, "recursive", []);
      continue;
    }
    const stated = readStatements(keyword, content, address);
    Object.entries(stated).forEach(([name, values]) => state(facts, address, name, values));
    for (const [suffix, inner, kind] of parts.get(keyword)?.(content) ?? []) {
      const place = suffix === "" ? address : `${address} › ${suffix}`;
      if (kind !== undefined) state(facts, place, "kind", [kind]);
      collect(facts, place, inner, [...ancestors, node]);
    }
  }
}

/** Adds a statement to those that hold as well, such as those of the other schemas of an `allOf`. */
function state(facts: Facts, address: string, keyword: string, values: Values): void {
  const stated = facts.get(address) ?? new Map<string, Values>();
  const known = stated.get(keyword) ?? values;
  const all = [...new Set([...known, ...values])].sort();
  const isInBoth = (value: string) => known.includes(value) && values.includes(value);
  const isStrictest = (value: string) => !all.some((other) => isStricter(keyword, other, value));
  facts.set(address, stated.set(keyword, all.filter(keyword === "enum" ? isInBoth : isStrictest)));
}

function readStatements(keyword: string, value: unknown, address: string) {
  const isFalse = value === false && keyword !== "default" && keyword !== "additionalProperties";
  const isMinimumOfNone = value === 0 && /^min[A-Z]/.test(keyword);
  if (isFalse || isMinimumOfNone) return {};
  const read = statements.get(keyword);
  if (read !== undefined) return read(value, address);
  return parts.has(keyword) || ignored.test(keyword) ? {} : { [keyword]: toTexts([value].flat()) };
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

const toKind = (status: string) => (/^[45d]/.test(status) ? "error response" : "response");

const toMediaType = (type: string) => type.replace(/;.*/, "").trim().toLowerCase();

function readTypes(value: unknown) {
  const types = toTexts([value].flat()).filter((type, _, all) => type !== "null" || all.length === 1);
  const isNullable = Array.isArray(value) && value.length > types.length;
  return { type: [types.sort().join(" or ")], ...(isNullable && nullable) };
}

const choicesOf = (branches: unknown) => toList(branches).filter((branch) => toObject(branch).type !== "null");

function readChoices(branches: unknown) {
  const choices = choicesOf(branches);
  const isNullable = toList(branches).length > choices.length;
  return { ...(choices.length > 1 && { oneOf: toTexts(choices) }), ...(isNullable && nullable) };
}

/** The documented quota, such as `5000 per hour`, and those of paid tariffs if they differ. */
function readQuotas(value: unknown): Values {
  const { path = "resp", none, ...tariffs } = toObject(value);
  const toQuota = (quota: unknown) => {
    const { amount, period, "period-duration": duration = 1 } = toObject(quota);
    const hours = duration === 1 ? String(period).replace(/s$/, "") : `${String(duration)} ${String(period)}`;
    return `${String(amount)} per ${hours}`;
  };
  const all = entriesOf(tariffs).map(([tariff, quota]) => [toQuota(quota), tariff] as const);
  const others = all.filter(([quota]) => quota !== toQuota(none)).map(([quota, tariff]) => `${quota} (${tariff})`);
  // `resp` counts requests. Any other value is the list whose items are counted.
  return [toQuota(none), ...others, ...(path === "resp" ? [] : [`for each of ${String(path)}`])];
}

/** OpenAPI 3.1 has a number where OpenAPI 3.0 has a boolean next to the bound. */
function readExclusive(bound: string, value: unknown) {
  return { ...(typeof value === "number" && { [bound]: [String(value)] }), [`exclusive ${bound}`]: ["true"] };
}

export const isInResponse = (address: string) => /^[^›]* › response /.test(address);

export const isWithin = (address: string, outer: string) => `${address} › `.startsWith(`${outer} › `);

/** Any value as text, such as `in header, name Api-Key`, independent of wording and of the order of keys. */
export function toText(value: unknown, ancestors: readonly unknown[] = []): string {
  const path = [...ancestors, value];
  if (ancestors.includes(value)) return "recursive";
  if (Array.isArray(value)) return `[${value.map((item) => toText(item, path)).join(", ")}]`;
  if (!isObject(value)) return String(value);
  const entries = entriesOf(value).filter(([key]) => !ignored.test(key));
  const texts = entries.map(([key, inner]) => `${key} ${toText(inner, path)}`);
  return texts.sort().join(", ");
}

const toTexts = (list: unknown) => toList(list).map((value) => toText(value));

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
