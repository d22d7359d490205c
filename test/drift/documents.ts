/** Documents to compare: our own, and documents with the same meaning and another structure. */
import { readFileSync } from "node:fs";
import { BaseResolver, makeDocumentFromString, parseYaml } from "@redocly/openapi-core";
import { createRandom } from "../../src/testing/random.js";
import { compareDocuments, type Report } from "../../scripts/drift/compare.js";
import { dereference } from "../../scripts/drift/document.js";
import { specificationPath } from "../../scripts/specification.js";

export interface Json {
  [key: string]: unknown;
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object at the end of the keys. Throws if there is none, since the test is wrong then. */
export function at(node: unknown, ...keys: string[]): Json {
  let value = node;
  for (const key of keys) {
    value = Array.isArray(value) ? value[Number(key)] : isJson(value) ? value[key] : undefined;
  }
  if (!isJson(value)) {
    throw new Error(`nothing at ${keys.join("/")}`);
  }
  return value;
}

/** A copy. The replacer may change values, as that of `JSON.stringify`. */
export function clone(node: unknown, replacer?: (key: string, value: unknown) => unknown): Json {
  const copy: unknown = JSON.parse(JSON.stringify(node, replacer));
  return at(copy);
}

/** Compares documents that are not files. */
export async function compare(theirs: Json, ours: Json): Promise<Report> {
  const toGraph = (document: Json) =>
    dereference(makeDocumentFromString(JSON.stringify(document), "/openapi.json"), new BaseResolver());
  return compareDocuments(await toGraph(theirs), await toGraph(ours));
}

/** The differences as sorted lines, such as `breaking: query › ids: style`. */
export function toLines({ differences }: Report): string[] {
  const lines = differences.map((one) => [one.class, one.where.join(" › "), one.what].filter(Boolean).join(": "));
  return lines.sort();
}

/** A document with one operation, whose response 200 has the schema. */
export function tiny(schema: Json, operation: Json = {}, components: Json = {}): Json {
  const responses = { "200": { content: { "application/json": { schema } } } };
  const get = { operationId: "getThing", tags: ["things"], responses, ...operation };
  return { openapi: "3.0.3", paths: { "/things": { get } }, components: { schemas: components } };
}

/** openapi/chats.yaml without its accepted differences. */
export function ourDocument(): Json {
  const document: unknown = parseYaml(readFileSync(specificationPath, "utf8"));
  return clone(document, (key, value) => (key === "x-accepted-drift" ? undefined : value));
}

/** The document with every `$ref` replaced by its target, so that every place has its own object. */
export function inline(document: Json): Json {
  const components = { securitySchemes: at(document, "components", "securitySchemes") };
  return clone({ ...document, components }, (_, value) => {
    let node = value;
    while (isJson(node) && typeof node.$ref === "string") {
      node = at(document, ...node.$ref.slice(2).split("/"));
    }
    return node;
  });
}

/** The same document as another author might have written it: with random changes of wording and of structure. */
export function disguise(original: Json, seed: number): Json {
  const { next: random } = createRandom(seed, 0);
  const chance = (probability: number) => random() < probability;
  const sometimes = (change: Json): Json => (chance(0.3) ? change : {});
  const shuffled = <Item>(items: readonly Item[]): Item[] => {
    const keyed = items.map((item) => [item, random()] as const);
    return keyed.sort(([, one], [, other]) => one - other).map(([item]) => item);
  };
  const words = (): Json => ({ description: `Описание ${random()}` });
  const components: Record<string, Json> = {};
  const isNewer = chance(0.5);

  /** Sometimes moves the node to the components, under a name without meaning. */
  const hoist = (section: string, node: Json): Json => {
    if (!chance(0.3)) {
      return node;
    }
    const name = `Имя${Object.keys((components[section] ??= {})).length}`;
    components[section][name] = node;
    return { ...sometimes(words()), $ref: `#/components/${section}/${encodeURIComponent(name)}` };
  };
  /** As in the published document: the common fields of all responses are a separate schema. */
  const split = (schema: Json): Json => {
    const { properties, required, enum: values, ...rest } = schema;
    if (isJson(properties) && !("additionalProperties" in schema)) {
      const [first, ...others] = Object.entries(properties).map((entry) => Object.fromEntries([entry]));
      return { ...rest, allOf: [{ properties: first ?? {} }, { required, properties: Object.assign({}, ...others) }] };
    }
    return Array.isArray(values)
      ? { ...rest, allOf: [{ enum: [...values, "А"] }, { enum: ["Б", ...values] }] }
      : schema;
  };
  const schema = ({ description: _, example: __, ...stated }: Json): Json => {
    const withoutEffect = { uniqueItems: false, deprecated: false, nullable: false, minLength: 0 };
    const wording = { ...words(), title: "Т", example: "О", externalDocs: {}, "x-serialize-transform": "token" };
    const added = Object.entries({ ...withoutEffect, ...wording }).filter(() => chance(0.3));
    const described = { ...Object.fromEntries(added), ...stated };
    const newer = isNewer ? toNewer(described) : described;
    const whole = chance(0.3) ? split(newer) : newer;
    return hoist("schemas", chance(0.3) ? { ...words(), [chance(0.8) ? "allOf" : "oneOf"]: [whole] } : whole);
  };
  const withKeys = (node: Json, rename: (key: string) => string): Json =>
    Object.fromEntries(Object.entries(node).map(([key, value]) => [rename(key), value]));
  const renameSchemes = (node: Json) => withKeys(node, (name) => `С${name}`); // such a name has no meaning

  /** How to change an object, by its key, or by that of the object or array that it is in. */
  const changes: Record<string, (node: Json) => Json> = {
    schema,
    items: schema,
    "in properties": schema,
    content: (node) => withKeys(node, (type) => (chance(0.3) ? `${type.toUpperCase()}; charset=utf-8` : type)),
    "in parameters"(node) {
      const isQuery = node.in === "query";
      const defaults = { style: isQuery ? "form" : "simple", explode: isQuery, "x-aliases": [node.name] };
      return hoist("parameters", { ...sometimes(defaults), ...node, ...words(), example: "О" });
    },
    requestBody: (node) => hoist("requestBodies", { ...node, ...words() }),
    "in responses": ({ headers: _, ...node }) => hoist("responses", { ...node, ...words() }),
    "in servers": ({ url }) => ({ url: `${String(url)}${chance(0.3) ? "/" : ""}`, ...words() }),
    "in security": renameSchemes,
    securitySchemes: renameSchemes,
    "in paths"({ parameters: above, servers, ...operations }) {
      const [method = ""] = Object.keys(operations);
      const { parameters, ...rest } = at(operations, method);
      const operation = { ...rest, ...words(), summary: "С", tags: ["дбс", "chats"] };
      // The path item may have the parameters of its operation.
      return above === undefined && chance(0.3)
        ? { servers, [method]: operation, parameters }
        : { servers, [method]: { ...operation, parameters }, parameters: above };
    },
  };
  const rewrite = (value: unknown, key: string, parent: string): unknown => {
    if (Array.isArray(value)) {
      return shuffled(value).map((item: unknown) => rewrite(item, "", key));
    }
    if (!isJson(value)) {
      return value;
    }
    const change = changes[`in ${parent}`] ?? changes[key] ?? ((node) => node);
    const entries = shuffled(Object.entries(value)).map(([name, inner]) => [name, rewrite(inner, name, key)]);
    return change(Object.fromEntries(entries));
  };
  const { components: rewritten, ...document } = at(rewrite(original, "", ""));
  return clone({
    ...document,
    openapi: isNewer ? "3.1.0" : "3.0.3",
    info: { title: "Иначе", version: "LATEST" },
    components: { ...at(rewritten), ...components },
  });
}

/** Rewrites a schema from OpenAPI 3.0 to 3.1. */
function toNewer({ nullable, enum: values, ...schema }: Json): Json {
  const type = nullable === true && schema.type !== undefined ? { type: [schema.type, "null"] } : { nullable };
  return {
    ...schema,
    ...type,
    ...(Array.isArray(values) && values.length === 1 ? { const: values[0] } : { enum: values }),
  };
}
