/** Documents to compare. */
import { readFileSync } from "node:fs";
import { BaseResolver, makeDocumentFromString, parseYaml } from "@redocly/openapi-core";
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
