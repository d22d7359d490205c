/** Reads a schema by meaning, independent of how it uses `$ref` and `allOf`, in OpenAPI 3.0 or 3.1. */
import { chainOf, isObject, type JsonObject, listAt, objectAt } from "./document.js";
import { defaults, type Facts, type Part } from "./part.js";
import { type Fact, isBound, isStricter, type Value } from "./policy.js";

const annotations = [
  ...["title", "description", "example", "examples", "externalDocs", "xml", "$comment", "$schema"],
  // The scopes that a security scheme offers. Only the scopes that an operation requires are compared.
  "scopes",
];
// Keywords that are not a name with a value: separate code reads them.
const structure = [
  ...["$ref", "allOf", "oneOf", "anyOf", "properties", "required", "enum", "type", "nullable"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "readOnly", "writeOnly"],
];
const childKeywords = ["items", "additionalProperties"];

/** @param nodes schemas that all apply, such as the branches of an `allOf` */
export function schemaPart(
  document: JsonObject,
  nodes: readonly unknown[],
  direction: "request" | "response",
  noun: string,
  facts: Facts = {},
): Part {
  const { sources, alternatives, nullable } = expand(document, nodes);
  const parts: Record<string, () => Part> = {};
  const required = sources.flatMap((source) => listAt(source, "required")).map(String);
  const listed = sources.flatMap((source) => Object.keys(objectAt(source, "properties")));
  for (const name of new Set([...listed, ...required])) {
    const inner = sources.map((source) => objectAt(source, "properties")[name]);
    // A read-only field is not part of a request, and a write-only field not part of a response.
    const hidden = direction === "request" ? "readOnly" : "writeOnly";
    if (!expand(document, inner).sources.some((source) => source[hidden] === true)) {
      parts[name] = () => schemaPart(document, inner, direction, "field", { required: required.includes(name) });
    }
  }
  for (const keyword of childKeywords) {
    const inner = sources.map((source) => source[keyword]).filter(isObject);
    if (inner.some((node) => Object.keys(node).length > 0)) {
      parts[keyword] = () => schemaPart(document, inner, direction, "schema");
    }
  }
  const definitions = sources.filter((source) => Object.keys(source).join() !== "$ref");
  return {
    noun,
    facts: { ...factsOf(sources, nullable), ...facts },
    parts,
    alternatives: alternatives.map((node) => () => schemaPart(document, [node], direction, "schema")),
    // The same schema has the same ID wherever a `$ref` leads to it.
    id: definitions.map(idOf).join(),
    sources,
  };
}

/** The objects that define a schema, and its alternatives. */
function expand(document: JsonObject, nodes: readonly unknown[]) {
  const sources = new Set<JsonObject>();
  const alternatives: unknown[] = [];
  let nullable = false;
  const visit = (node: unknown): void => {
    for (const source of chainOf(document, node).filter((object) => !sources.has(object))) {
      sources.add(source);
      listAt(source, "allOf").forEach(visit);
      // For readers and writers of a value, `oneOf` and `anyOf` are the same.
      const branches = [...listAt(source, "oneOf"), ...listAt(source, "anyOf")];
      const others = branches.filter((branch) => !isObject(branch) || branch.type !== "null");
      nullable ||= others.length < branches.length;
      if (others.length === 1) {
        visit(others[0]);
      } else {
        alternatives.push(...others);
      }
    }
  };
  nodes.forEach(visit);
  return { sources: [...sources], alternatives, nullable };
}

function isAnnotation(keyword: string): boolean {
  return annotations.includes(keyword) || keyword.startsWith("x-");
}

const ids = new Map<JsonObject, number>();

function idOf(source: JsonObject): number {
  const id = ids.get(source) ?? ids.size;
  ids.set(source, id);
  return id;
}

function factsOf(sources: readonly JsonObject[], nullable: boolean): Facts {
  const facts: Record<string, Fact | undefined> = { ...defaults, nullable };
  for (const [name, fact] of sources.flatMap((source) => [...statements(source)])) {
    const known = facts[name];
    facts[name] = known === undefined || fact === undefined ? (fact ?? known) : intersect(name, known, fact);
  }
  return facts;
}

/** The facts that one object states, in the same form for both versions of OpenAPI. */
function* statements(source: JsonObject): Generator<[string, Fact | undefined]> {
  const types = [source.type ?? []].flat().map(String);
  if (types.length > 0) {
    const named = types.filter((type) => type !== "null");
    yield ["type", named.sort().join(" or ") || "null"];
  }
  if (Array.isArray(source.enum)) {
    yield ["enum value", source.enum.filter((value) => value !== null).map((value) => String(toFact(value)))];
  }
  if (source.nullable === true || (types.length > 1 && types.includes("null"))) {
    yield ["nullable", true];
  }
  for (const name of ["minimum", "maximum"]) {
    const bound = source[name];
    const exclusive = source[name.replace("m", "exclusiveM")];
    if (bound !== undefined) {
      yield [name, exclusive === true ? `beyond ${String(bound)}` : toFact(bound)];
    }
    if (typeof exclusive === "number") {
      yield [name, `beyond ${exclusive}`];
    }
  }
  yield ["deprecation", toFact(source["x-deprecation-config"])];
  for (const [name, value] of Object.entries(source)) {
    const isChild = childKeywords.includes(name) && isObject(value);
    // A minimum of 0 items or characters has no effect.
    const hasNoEffect = name.startsWith("min") && value === 0;
    if (!structure.includes(name) && !isAnnotation(name) && !isChild && !hasNoEffect) {
      yield [name, toFact(value)];
    }
  }
}

/** Any value as text, such as `in header, name Api-Key`, without annotations and independent of the order of keys. */
export function toFact(value: unknown): Value | undefined {
  if (Array.isArray(value)) {
    return `[${value.map(toFact).join(", ")}]`;
  }
  if (isObject(value)) {
    const keys = Object.keys(value).filter((key) => !isAnnotation(key));
    return Array.from(keys.sort(), (key) => `${key} ${toFact(value[key])}`).join(", ");
  }
  return typeof value === "number" || typeof value === "boolean" || value === undefined ? value : String(value);
}

/** The fact that holds if both apply. */
function intersect(name: string, first: Fact, second: Fact): Fact {
  if (typeof first === "object" || typeof second === "object") {
    const others = [second].flat();
    return Array.from([first].flat(), String).filter((value) => others.includes(value));
  }
  if (typeof first === "boolean" && typeof second === "boolean") {
    // Strictly, `nullable` next to an `allOf` without it does not allow null. Authors who write it mean that it does.
    return defaults[name] === true ? first && second : first || second;
  }
  if (isBound(name)) {
    return isStricter(name, first, second) ? first : second;
  }
  return first === second || name === "default" ? first : `${first} & ${second}`;
}
