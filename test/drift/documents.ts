/** Documents to compare. */
import { readFileSync } from "node:fs";
import { BaseResolver, makeDocumentFromString, parseYaml } from "@redocly/openapi-core";
import { compareDocuments, type Report } from "../../scripts/drift/compare.js";
import { dereference } from "../../scripts/drift/document.js";
import { specificationPath } from "../../scripts/specification.js";
import { isRecord } from "../../src/check.js";

export type Json = Record<string, unknown>;

/** The object at the end of the keys. Throws if there is none, since the test is wrong then. */
export function at(node: unknown, ...keys: string[]): Json {
  const value = keys.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), node);
  if (!isRecord(value)) throw new Error(`nothing at ${keys.join("/")}`);
  return value;
}

/** A copy in which every place has its own object. The replacer may change values, as that of `JSON.stringify`. */
export const clone = (node: unknown, replacer?: (key: string, value: unknown) => unknown): Json =>
  at(JSON.parse(JSON.stringify(node, replacer)));

/** The document with every `$ref` replaced by its target. */
export const toGraph = (document: Json) =>
  dereference(makeDocumentFromString(JSON.stringify(document), "/openapi.json"), new BaseResolver());

/** Compares documents that are not files. */
export const compare = async (theirs: Json, ours: Json): Promise<Report> =>
  compareDocuments(await toGraph(theirs), await toGraph(ours));

/** The differences as sorted lines, such as `breaking: query › ids: style`. */
export function toLines({ differences }: Report): string[] {
  const lines = differences.map((one) => [one.class, one.where.join(" › "), one.what].filter(Boolean).join(": "));
  return lines.sort();
}

/** A document with one operation, whose response 200 has the schema. */
export function tiny(schema: Json, operation: Json = {}, components: Json = {}) {
  const responses = { "200": { content: { "application/json": { schema } } } };
  const get = { operationId: "getThing", tags: ["things"], responses, ...operation };
  return { openapi: "3.0.3", paths: { "/things": { get } }, components: { schemas: components } };
}

/** openapi/chats.yaml without its accepted differences. */
export const ours = at(parseYaml(readFileSync(specificationPath, "utf8")));
delete ours["x-accepted-drift"];
