/**
 * Compiles openapi/chats.yaml into src/generated/: `types.ts` and `constants.ts`.
 *
 *     npm run generate              writes the two files
 *     npm run generate -- --check   writes nothing; fails if they are not what the YAML gives
 *
 * `--specification` and `--output` name another document and another folder.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import openapiTS, { astToString, type OpenAPI3, type OperationObject } from "openapi-typescript";
import * as prettier from "prettier";
import ts from "typescript";
import { readSpecification, type Specification, SpecificationError, specificationPath } from "./specification.js";

const banner = "// Compiled from openapi/chats.yaml by `npm run generate`. Not to be edited by hand.\n\n";

/** The text of every file of src/generated/, by file name. */
async function compile(specification: string): Promise<Map<string, string>> {
  const { document, placeOf } = await readSpecification(specification);
  const sources = {
    "constants.ts": compileConstants(document, placeOf),
    "types.ts": await compileTypes(document),
  };
  const options = { ...(await prettier.resolveConfig(fileURLToPath(import.meta.url))), parser: "typescript" };
  const files = new Map<string, string>();
  for (const [name, source] of Object.entries(sources)) {
    files.set(name, await prettier.format(banner + source, options));
  }
  return files;
}

/** The values needed at run time. None of them stands a second time in handwritten code. */
function compileConstants(document: OpenAPI3, placeOf: Specification["placeOf"]): string {
  try {
    return constantsOf(document);
  } catch (error) {
    throw error instanceof MissingValue
      ? new SpecificationError(`${placeOf(...error.keys.slice(0, -1))} ${error.message}`)
      : error;
  }
}

function constantsOf(document: OpenAPI3): string {
  const limit = ["components", "parameters", "Limit", "schema"];
  const constants = [
    constant("defaultBaseUrl", "The Market's address.", valueAt(document, "servers", "0", "url")),
    constant(
      "apiKeyHeader",
      "The header that carries the key.",
      valueAt(document, "components", "securitySchemes", "ApiKey", "name"),
    ),
    constant("maxPageSize", "The most chats that a page may hold.", valueAt(document, ...limit, "maximum")),
    constant(
      "defaultPageSize",
      "How many chats the Market puts on a page when it is not told.",
      valueAt(document, ...limit, "default"),
    ),
    constant(
      "rateLimitHeaders",
      "The headers that tell how much of an operation's quota is left.",
      rateLimitHeaders(document),
    ),
    constant("endpoints", "The operations, each with its documented quota.", endpoints(document)),
    constant(
      "filterLists",
      "The filters of getChats that are lists, and what they are lists of.",
      filterLists(document),
    ),
  ];
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    const list = hintsOf(document, name).values;
    if (list !== undefined) {
      constants.push(constant(list, schema.description, schema.enum));
    }
  }
  return constants.join("\n");
}

function constant(name: string, description: string | undefined, value: unknown): string {
  return `${docComment(description)}export const ${name} = ${JSON.stringify(value)} as const;\n`;
}

function docComment(text = ""): string {
  const lines = text.trim().split("\n");
  return lines.length === 1
    ? `/** ${text.trim()} */\n`
    : `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
}

/** `{ limit, remaining, until }`, from the headers' names in `components.headers`. */
function rateLimitHeaders(document: OpenAPI3): Record<string, string> {
  const responses = valueAt(document, "paths", "/v2/businesses/{businessId}/chats", "post", "responses");
  const headers = valueAt(responses, "200", "headers") as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(headers).map((header) => [header.slice(header.lastIndexOf("-") + 1).toLowerCase(), header]),
  );
}

function filterLists(document: OpenAPI3): Record<string, unknown> {
  const schemas = valueAt(document, "components", "schemas");
  const found: Record<string, unknown> = {};
  for (const [name, filter] of Object.entries(valueAt(schemas, "GetChatsRequest", "properties") as object)) {
    if (valueAt(filter, "type") === "array") {
      const item = valueAt(filter, "items") as { $ref?: string };
      const schema = item.$ref?.slice(item.$ref.lastIndexOf("/") + 1);
      found[name] = valueAt(schema === undefined ? item : valueAt(schemas, schema), "type");
    }
  }
  return found;
}

function endpoints(document: OpenAPI3): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [path, pathItem] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(pathItem) as [string, OperationObject][]) {
      const { operationId } = operation;
      if (operationId !== undefined) {
        const requestsPerHour: unknown = operation["x-resource-limit-config"]?.none?.amount;
        found[operationId] = { method: method.toUpperCase(), path, requestsPerHour };
      }
    }
  }
  return found;
}

/** A constant cannot do without what stands, or does not stand, there. */
class MissingValue extends Error {
  constructor(readonly keys: string[]) {
    super(`${keys.join(".")} is missing, and src/generated/constants.ts needs it`);
  }
}

/** Follows the keys down from a node of the document. */
function valueAt(node: unknown, ...keys: string[]): unknown {
  let value = node;
  for (const key of keys) {
    value = (value as Record<string, unknown> | undefined)?.[key];
  }
  if (value === undefined) {
    throw new MissingValue(keys);
  }
  return value;
}

/** What `x-typescript` says of a schema. */
function hintsOf(document: OpenAPI3, schema: string): { name?: string; values?: string; readonlyLists?: boolean } {
  return document.components?.schemas?.[schema]?.["x-typescript"] ?? {};
}

/**
 * What openapi-typescript makes of the document, made readable in an editor: every schema becomes a declaration of
 * its own under its plain name, since a person wants to see `Chat` and not `components["schemas"]["GetChatInfoDTO"]`.
 */
async function compileTypes(document: OpenAPI3): Promise<string> {
  const text = astToString(await openapiTS(describeReferences(document), { silent: true }));
  const plainName = (schema: string) => hintsOf(document, schema).name ?? schema;

  const declarations: string[] = [];
  let rest = text;
  for (const { name, type } of schemaMembers(text).reverse()) {
    const comment = text.slice(type.parent.getFullStart(), type.parent.getStart());
    const declaration = ts.isTypeLiteralNode(type)
      ? `export interface ${plainName(name)} ${type.getText()}`
      : `export type ${plainName(name)} = ${type.getText()};`;
    const { readonlyLists = false } = hintsOf(document, name);
    declarations.unshift(
      comment + (readonlyLists ? declaration.replace(/: (.+\[\];)/g, ": readonly $1") : declaration),
    );
    rest = rest.slice(0, type.getStart()) + plainName(name) + rest.slice(type.getEnd());
  }
  return [...declarations, rest]
    .join("\n\n")
    .replace(/components\["schemas"\]\["(\w+)"\]/g, (_, schema: string) => plainName(schema))
    .replace(/\/\*\*.*?\*\//gs, readableComment);
}

/** The members of `components.schemas` in the text that openapi-typescript gave, in order. */
function schemaMembers(text: string): { name: string; type: ts.TypeNode }[] {
  const file = ts.createSourceFile("types.ts", text, ts.ScriptTarget.Latest, true);
  const components = file.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === "components");
  const schemas = components?.members
    .filter(ts.isPropertySignature)
    .find((member) => member.name.getText() === "schemas")?.type;
  if (schemas === undefined || !ts.isTypeLiteralNode(schemas)) {
    throw new Error("openapi-typescript gave no components.schemas");
  }
  return schemas.members
    .filter(ts.isPropertySignature)
    .flatMap(({ name, type }) => (type === undefined ? [] : [{ name: name.getText(), type }]));
}

/**
 * Gives a property that only refers to a schema the schema's description: OpenAPI 3.0 knows no description beside a
 * `$ref`, and without one the editor shows nothing for `chat.status`.
 */
function describeReferences(document: OpenAPI3): OpenAPI3 {
  const described = structuredClone(document);
  const schemas = described.components?.schemas ?? {};
  for (const schema of Object.values(schemas)) {
    const properties = "properties" in schema ? (schema.properties ?? {}) : {};
    for (const property of Object.values(properties)) {
      if ("$ref" in property) {
        const description = schemas[property.$ref.slice("#/components/schemas/".length)]?.description;
        Object.assign(property, { description });
      }
    }
  }
  return described;
}

/** Puts a comment's description first, as text and not as a tag, where every editor shows it as such. */
function readableComment(comment: string): string {
  const lines = comment
    .slice("/**".length, -"*/".length)
    .split("\n")
    .map((line) =>
      line
        .replace(/^\s*\* ?/, "")
        .replace(/^ {4}/, "")
        .trim(),
    );
  const description: string[] = [];
  const tags: string[] = [];
  let target = description;
  for (const line of lines) {
    if (line.startsWith("@description ")) {
      target = description;
      target.push(line.slice("@description ".length));
    } else if (/^(@deprecated|@example|@default|Format: date-time)/.test(line)) {
      target = tags;
      target.push(line);
    } else if (!/^(@enum|Format: )/.test(line)) {
      target.push(line);
    }
  }
  // What to use instead belongs to the tag: editors show that where the field is used.
  const reason = description.findIndex((line) => line.startsWith("Deprecated: "));
  const tag = tags.findIndex((line) => line.startsWith("@deprecated"));
  if (reason !== -1 && tag !== -1) {
    const [text = ""] = description.splice(reason, 1);
    tags[tag] = text.replace("Deprecated: ", "@deprecated ");
  }
  return docComment([...description, "", ...tags].join("\n").replace(/\n{3,}/g, "\n\n")).trimEnd();
}

/** Writes the files, or with `check` names those that are not as they should be. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      check: { type: "boolean", default: false },
      specification: { type: "string", default: specificationPath },
      output: { type: "string", default: fileURLToPath(new URL("../src/generated/", import.meta.url)) },
    },
  });
  const files = await compile(values.specification);
  let stale = 0;
  for (const [name, text] of files) {
    const path = join(values.output, name);
    const shown = relative(process.cwd(), path);
    const current = await readFile(path, "utf8").catch(() => undefined);
    if (current === text) {
      console.log(`${shown} is up to date`);
    } else if (values.check) {
      stale += 1;
      console.error(`${shown} is not what the specification gives: run \`npm run generate\``);
    } else {
      await mkdir(values.output, { recursive: true });
      await writeFile(path, text);
      console.log(`${shown} written`);
    }
  }
  return stale === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SpecificationError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
