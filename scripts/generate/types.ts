import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import type { Hints } from "../specification.js";
import { readableComment } from "./comment.js";

/** The member `schemas` of `components` in the output of openapi-typescript, and a member of it, by indentation. */
const schemasPattern = /(?<=^ {4}schemas: \{\n).*?(?=^ {4}\};)/ms;
const schemaPattern = /( {8}\/\*\*.*?\*\/\n)? {8}(\w+): (.*?);\n(?= {8}[\w/]|$)/gs;

/**
 * Generates types with openapi-typescript and declares every schema under its plain name, so that an editor shows
 * `Chat` instead of `components["schemas"]["GetChatInfoDTO"]`.
 */
export async function compileTypes(document: OpenAPI3): Promise<string> {
  const text = astToString(await openapiTS(describeReferences(document), { silent: true }));
  const getHints = (schema: string): Hints => document.components?.schemas?.[schema]?.["x-typescript"] ?? {};

  const declarations: string[] = [];
  const declare = (_: string, comment = "", schema: string, type: string) => {
    const { name = schema, isRequest = false } = getHints(schema);
    const declaration = /^\{.*\}$/s.test(type) ? `export interface ${name} ${type}` : `export type ${name} = ${type};`;
    declarations.push(comment + (isRequest ? acceptMore(declaration) : declaration));
    return `${comment}${schema}: ${name};\n`;
  };
  const rest = text.replace(schemasPattern, (schemas) => schemas.replace(schemaPattern, declare));
  return [...declarations, rest]
    .join("\n\n")
    .replace(/^export type (webhooks|\$defs) = .*\n/gm, "") // The document has none.
    .replace(/\?: (components\["parameters"\].+);/g, "?: $1 | undefined;")
    .replace(/components\["schemas"\]\["(\w+)"\]/g, (_, schema: string) => getHints(schema).name ?? schema)
    .replace(/\/\*\*.*?\*\//gs, readableComment);
}

/** Lets callers pass arrays declared `as const`, and `undefined` for an optional field. */
function acceptMore(declaration: string): string {
  return declaration.replace(/: (.+\[\];)/g, ": readonly $1").replace(/(\?: .+);/g, "$1 | undefined;");
}

/**
 * Copies the description of a schema to the properties that refer to it. OpenAPI 3.0 does not allow a description
 * next to a `$ref`, and without one, editors show nothing for `chat.status`.
 */
function describeReferences(document: OpenAPI3): OpenAPI3 {
  const described = structuredClone(document);
  const schemas = described.components?.schemas ?? {};
  for (const schema of Object.values(schemas)) {
    for (const property of Object.values(("properties" in schema && schema.properties) || {})) {
      if ("$ref" in property) {
        const description = schemas[property.$ref.slice("#/components/schemas/".length)]?.description;
        Object.assign(property, { description });
      }
    }
  }
  return described;
}
