/** Reads a schema by meaning: however it is put together from `$ref` and `allOf`, in OpenAPI 3.0 or 3.1. */
import { chainOf, isObject, type JsonObject, listAt, objectAt, type OpenApiDocument } from "./document.js";
import { type Part, unsaid } from "./part.js";
import { type Direction, type Fact, isBound, isStricter, type Value } from "./policy.js";

const wording = ["title", "description", "example", "examples", "externalDocs", "xml", "$comment", "$schema"];
// What is not simply a name with a value: it is read on its own.
const otherKeywords = new Set([
  ...["$ref", "allOf", "oneOf", "anyOf", "properties", "required", "enum", "const", "type", "nullable"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "readOnly", "writeOnly"],
]);
const childKeywords = ["items", "additionalProperties", "not"];

/** @param nodes schemas that hold all at once, as the branches of an `allOf` do */
export function schemaPart(
  document: OpenApiDocument,
  nodes: readonly unknown[],
  direction: Direction,
  noun: string,
  facts: Iterable<readonly [string, Fact]> = [],
): Part {
  const { sources, alternatives, nullable } = expand(document, nodes);
  const parts = new Map<string, () => Part>();
  const child = (name: string, inner: readonly unknown[], kind: string, required: boolean) =>
    parts.set(name, () => schemaPart(document, inner, direction, kind, [["required", required]]));

  const required = new Set(sources.flatMap((source) => listAt(source, "required")).map(String));
  const listed = sources.flatMap((source) => Object.keys(objectAt(source, "properties")));
  for (const name of new Set([...listed, ...required])) {
    const inner = sources.map((source) => objectAt(source, "properties")[name]);
    // What may only be read is no part of a request, and what may only be written none of a response.
    const hidden = direction === "request" ? "readOnly" : "writeOnly";
    if (!expand(document, inner).sources.some((source) => source[hidden] === true)) {
      child(name, inner, "field", required.has(name));
    }
  }
  for (const keyword of childKeywords) {
    const inner = sources.map((source) => source[keyword]).filter(isObject);
    if (inner.some((node) => Object.keys(node).length > 0)) {
      child(keyword, inner, "schema", false);
    }
  }
  return {
    noun,
    direction,
    facts: new Map([...factsOf(sources, nullable), ...facts]),
    parts,
    alternatives: alternatives.map((node) => () => schemaPart(document, [node], direction, "schema")),
    id: sources
      .filter((source) => !isBareReference(source))
      .map(idOf)
      .join(),
    sources,
  };
}

/** The objects that say something of a schema, and what it may be one of. */
function expand(document: OpenApiDocument, nodes: readonly unknown[]) {
  const sources = new Set<JsonObject>();
  const alternatives: unknown[] = [];
  let nullable = false;
  const visit = (node: unknown): void => {
    for (const source of chainOf(document, node)) {
      if (sources.has(source)) {
        continue;
      }
      sources.add(source);
      listAt(source, "allOf").forEach(visit);
      // One who reads such a value, or writes one, need not tell `oneOf` from `anyOf`.
      const branches = [...listAt(source, "oneOf"), ...listAt(source, "anyOf")];
      const named = branches.filter((branch) => !isObject(branch) || branch.type !== "null");
      nullable ||= named.length < branches.length;
      if (named.length === 1) {
        visit(named[0]);
      } else {
        alternatives.push(...named);
      }
    }
  };
  nodes.forEach(visit);
  return { sources: [...sources], alternatives, nullable };
}

function isWording(keyword: string): boolean {
  return wording.includes(keyword) || keyword.startsWith("x-");
}

function isBareReference(source: JsonObject): boolean {
  return "$ref" in source && Object.keys(source).every((key) => key === "$ref" || isWording(key));
}

const ids = new WeakMap<JsonObject, number>();
let lastId = 0;

function idOf(source: JsonObject): number {
  const id = ids.get(source) ?? ++lastId;
  ids.set(source, id);
  return id;
}

function factsOf(sources: readonly JsonObject[], nullable: boolean): Map<string, Fact> {
  const facts = new Map(unsaid).set("nullable", nullable);
  for (const source of sources) {
    for (const [name, fact] of statements(source)) {
      const known = facts.get(name);
      facts.set(name, known === undefined ? fact : both(name, known, fact));
    }
  }
  return facts;
}

/** What one object says, in one form for both versions of OpenAPI. */
function* statements(source: JsonObject): Generator<[string, Fact]> {
  const types = [source.type ?? []].flat().map(String);
  if (types.length > 0) {
    const named = types.filter((type) => type !== "null");
    yield ["type", named.sort().join(" or ") || "null"];
  }
  const values = "const" in source ? [source.const] : Array.isArray(source.enum) ? source.enum : undefined;
  if (values !== undefined) {
    yield ["enum value", values.filter((value) => value !== null).map((value) => String(toFact(value)))];
  }
  if (source.nullable === true || (types.length > 1 && types.includes("null"))) {
    yield ["nullable", true];
  }
  for (const [name, exclusively] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    const bound = source[name];
    const exclusive = source[exclusively];
    if (bound !== undefined) {
      yield [name, exclusive === true ? `beyond ${String(bound)}` : toFact(bound)];
    }
    if (typeof exclusive === "number") {
      yield [name, `beyond ${exclusive}`];
    }
  }
  for (const [name, value] of Object.entries(source)) {
    const isChild = childKeywords.includes(name) && isObject(value);
    // At least none is the same as nothing said.
    const isIdle = name.startsWith("min") && value === 0;
    if (name === "x-deprecation-config") {
      yield ["deprecation", toFact(value)];
    } else if (!otherKeywords.has(name) && !isWording(name) && !isChild && !isIdle) {
      yield [name, toFact(value)];
    }
  }
}

/** Any value in words; the order of keys makes no difference. */
export function toFact(value: unknown): Value {
  if (Array.isArray(value)) {
    return `[${value.map(toFact).join(", ")}]`;
  }
  if (isObject(value)) {
    const said = Object.entries(value).map(([key, inner]) => `${key} ${toFact(inner)}`);
    return said.sort().join(", ");
  }
  return typeof value === "number" || typeof value === "boolean" ? value : String(value);
}

/** What holds when both are said. */
function both(name: string, first: Fact, second: Fact): Fact {
  if (typeof first === "object" || typeof second === "object") {
    const others = [second].flat();
    return [first]
      .flat()
      .map(String)
      .filter((value) => others.includes(value));
  }
  if (typeof first === "boolean" && typeof second === "boolean") {
    // Strictly, `nullable` beside an `allOf` without it allows no null. Whoever writes it means that it does.
    return unsaid.get(name) === true ? first && second : first || second;
  }
  if (isBound(name)) {
    return isStricter(name, first, second) ? first : second;
  }
  return first === second || name === "default" ? first : `${first} & ${second}`;
}
