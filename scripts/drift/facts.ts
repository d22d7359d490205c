/** What a document states about an operation: the same for documents with the same meaning. */
import { isRecord } from "../../src/check.js";
import { entriesOf, type JsonObject, toList, toObject } from "./document.js";
import { isStricter } from "./impact.js";

export type Values = readonly string[];
/** Values by keyword, by the address that they hold for, such as `getChats › request › contexts`. */
export type Facts = Map<string, Map<string, Values>>;

/** The address at which a keyword is read: adds facts to it, and reads the nodes within. */
interface Context {
  readonly isInResponse: boolean;
  state(keyword: string, ...values: Values): void;
  /** Reads a node at an address within, or without a suffix at the same address. */
  visit(suffix: string, node: unknown, kind?: string): void;
  /** Returns all facts of a node as text, without adding them. */
  describe(node: unknown): string;
}

type Reader = (value: unknown, context: Context) => void;

/** Keywords that are more than a name with a value. Of those that may be false, only two have a meaning then. */
const readers = new Map(
  Object.entries<Reader>({
    parameters: (value, context) => toList(value).forEach((node) => readParameter(node, context)),
    requestBody: (value, { visit }) => visit("request", value, "body"),
    responses: (value, { visit }) =>
      entriesOf(value).forEach(([status, node]) => visit(`response ${status}`, node, toKind(status))),
    content: (value, { visit }) =>
      entriesOf(value).forEach(([type, node]) => visit(toMediaType(type), node, "media type")),
    schema: (value, { visit }) => visit("", value),
    allOf: (value, { visit }) => toList(value).forEach((node) => visit("", node)),
    properties: (value, { visit }) => entriesOf(value).forEach(([name, node]) => visit(name, node, "field")),
    required(value, { state, visit }) {
      if (value === true) state("required", "true");
      toList(value).forEach((name) => visit(String(name), { required: true }, "field"));
    },
    items: (value, { visit }) => visit("items", value),
    additionalProperties(value, { state, visit }) {
      if (value === false) state("additionalProperties", "false");
      if (isRecord(value)) visit("additionalProperties", value);
    },
    // For readers and writers of a value, `oneOf` and `anyOf` are the same.
    oneOf: readChoices,
    anyOf: readChoices,
    type: readTypes,
    enum: (value, { state }) => state("enum", ...toTexts(toList(value).filter((one) => one !== null))),
    const: (value, { state }) => state("enum", toText(value)),
    exclusiveMinimum: (value, context) => readExclusive("minimum", value, context),
    exclusiveMaximum: (value, context) => readExclusive("maximum", value, context),
    // A read-only field is not part of a request, and a write-only field not part of a response.
    readOnly(_, { isInResponse, state }) {
      if (!isInResponse) state("hidden");
    },
    writeOnly(_, { isInResponse, state }) {
      if (isInResponse) state("hidden");
    },
    "x-auth-scopes": (value, { state }) => state("scope", ...toTexts(value)),
    "x-deprecation-config": (value, { state }) => state("deprecation", toText(value)),
    "x-resource-limit-config": (value, { state }) => state("quota", ...readQuotas(value)),
  }),
);

/**
 * Keywords without a meaning for calls, such as wording. The client reads no headers that it does not know. Of the
 * scopes that a security scheme offers, only those matter that an operation requires.
 */
const ignored =
  /^(x-.*|title|description|summary|examples?|externalDocs|tags|xml|\$.*|headers|links|callbacks|scopes)$/;

/** @param ancestors the nodes around the node, to detect recursion */
export function readFacts(address: string, node: unknown, ancestors: readonly JsonObject[] = []): Facts {
  const facts: Facts = new Map();
  collect(facts, address, node, ancestors);
  const hidden = [...facts].filter(([, stated]) => stated.has("hidden") && stated.get("kind")?.join() === "field");
  return new Map([...facts].filter(([inner]) => !hidden.some(([outer]) => isWithin(inner, outer))));
}

function collect(facts: Facts, address: string, value: unknown, ancestors: readonly JsonObject[]): void {
  const node = toObject(value);
  const context: Context = {
    isInResponse: isInResponse(address),
    state: (keyword, ...values) => addFact(facts, address, keyword, values),
    visit(suffix, inner, kind) {
      if (ancestors.includes(node)) return addFact(facts, address, "recursive", []);
      const place = suffix === "" ? address : `${address} › ${suffix}`;
      if (kind !== undefined) addFact(facts, place, "kind", [kind]);
      collect(facts, place, inner, [...ancestors, node]);
    },
    describe: (inner) =>
      ancestors.includes(node) ? "recursive" : describe(readFacts(address, inner, [...ancestors, node]), address),
  };
  for (const [keyword, content] of Object.entries(node)) {
    const restrictsNothing =
      (content === false && !["additionalProperties", "const", "default"].includes(keyword)) ||
      (content === 0 && /^min[A-Z]/.test(keyword)); // Such as `minLength: 0`.
    const read = readers.get(keyword);
    if (restrictsNothing) continue;
    if (read !== undefined) read(content, context);
    else if (!ignored.test(keyword)) context.state(keyword, ...toTexts([content].flat()));
  }
}

/** Adds a fact to those that hold as well, such as those of the other schemas of an `allOf`. */
function addFact(facts: Facts, address: string, keyword: string, values: Values): void {
  const stated = facts.get(address) ?? new Map<string, Values>();
  const known = stated.get(keyword) ?? values;
  const all = [...new Set([...known, ...values])].sort();
  const isInBoth = (value: string) => known.includes(value) && values.includes(value);
  const isStrictest = (value: string) => !all.some((other) => isStricter(keyword, other, value));
  facts.set(address, stated.set(keyword, all.filter(keyword === "enum" ? isInBoth : isStrictest)));
}

/** A parameter has an address for each of its names. */
function readParameter(node: unknown, { visit }: Context): void {
  const { name, in: place, "x-aliases": aliases, ...rest } = toObject(node);
  const { style = place === "query" || place === "cookie" ? "form" : "simple" } = rest;
  const { explode = style === "form" } = rest;
  // `style` includes `explode`, and a value of false states nothing.
  const stated = { ...rest, style: `${String(style)}${explode === true ? ", exploded" : ""}`, explode: false };
  const names = [...new Set(toTexts([name, ...toList(aliases)]))];
  for (const own of names) {
    const alias = names.filter((other) => other !== own);
    visit(`${String(place)} › ${own}`, { ...stated, alias }, "parameter");
  }
}

const toKind = (status: string) => (/^(4|5|default)/.test(status) ? "error response" : "response");

const toMediaType = (type: string) => type.replace(/;.*/, "").trim().toLowerCase();

function readTypes(value: unknown, { state }: Context): void {
  const types = toTexts([value].flat()).filter((type, _, all) => type !== "null" || all.length === 1);
  state("type", types.sort().join(" or "));
  if (Array.isArray(value) && value.length > types.length) state("nullable", "true");
}

function readChoices(value: unknown, { state, visit, describe }: Context): void {
  const choices = toList(value).filter((choice) => toObject(choice).type !== "null");
  if (toList(value).length > choices.length) state("nullable", "true");
  // A choice of one is no choice.
  if (choices.length === 1) visit("", choices[0]);
  else if (choices.length > 1) state("oneOf", ...choices.map(describe));
}

/** OpenAPI 3.1 has a number where OpenAPI 3.0 has a boolean next to the bound. */
function readExclusive(bound: string, value: unknown, { state }: Context): void {
  state(`exclusive ${bound}`, "true");
  if (typeof value === "number") state(bound, String(value));
}

/** The documented quota, such as `5000 per hour`, and those of paid tariffs if they differ. */
function readQuotas(value: unknown): Values {
  const { path = "resp", none, ...tariffs } = toObject(value);
  const toQuota = (quota: unknown) => {
    const { amount, period, "period-duration": duration = 1 } = toObject(quota);
    const window = duration === 1 ? String(period).replace(/s$/, "") : `${String(duration)} ${String(period)}`;
    return `${String(amount)} per ${window}`;
  };
  const all = entriesOf(tariffs).map(([tariff, quota]) => [toQuota(quota), tariff] as const);
  const others = all.filter(([quota]) => quota !== toQuota(none)).map(([quota, tariff]) => `${quota} (${tariff})`);
  // `resp` counts requests. Any other value is the list whose items are counted.
  return [toQuota(none), ...others, ...(path === "resp" ? [] : [`for each of ${String(path)}`])];
}

export const isInResponse = (address: string) => /^[^›]* › response /.test(address);

export const isWithin = (address: string, outer: string) => `${address} › `.startsWith(`${outer} › `);

/** Any value as text, such as `in header, name Api-Key`, independent of wording and of the order of keys. */
export function toText(value: unknown, ancestors: readonly unknown[] = []): string {
  const path = [...ancestors, value];
  if (ancestors.includes(value)) return "recursive";
  if (Array.isArray(value)) return `[${value.map((item) => toText(item, path)).join(", ")}]`;
  if (!isRecord(value)) return String(value);
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
