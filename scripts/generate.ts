/**
 * Generates `types.ts` and `constants.ts` in src/generated/ from openapi/chats.yaml.
 *
 *     npm run generate              writes both files
 *     npm run generate -- --check   writes nothing; fails if the files are outdated
 *
 * `--specification` and `--output` select another document and another folder.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import * as prettier from "prettier";
import ts from "typescript";
import { readSpecification, type Specification, SpecificationError, specificationPath } from "./specification.js";

const banner = "// Generated from openapi/chats.yaml by `npm run generate`. Do not edit.\n\n";

/** Returns the contents of the files in src/generated/, by file name. */
async function compile(specification: string): Promise<Map<string, string>> {
  const parsed = await readSpecification(specification);
  const sources = { "constants.ts": compileConstants(parsed), "types.ts": await compileTypes(parsed.document) };
  const options = { ...(await prettier.resolveConfig(fileURLToPath(import.meta.url))), parser: "typescript" };
  const files = Object.entries(sources).map(
    async ([name, source]) => [name, await prettier.format(banner + source, options)] as const,
  );
  return new Map(await Promise.all(files));
}

/** The values needed at run time, so that no handwritten code repeats them. */
function compileConstants({ document, get, keysOf }: Specification): string {
  const operations = keysOf("paths")
    .flatMap((path) => keysOf("paths", path).map((method) => ["paths", path, method]))
    .filter((keys) => keysOf(...keys).includes("operationId"));
  const endpoints = operations.map((keys) => [get(...keys, "operationId"), compileEndpoint(keys)]);
  const headers = operations.flatMap((keys) => keysOf(...keys, "responses", "200", "headers"));
  const lists = Object.entries(document.components?.schemas ?? {}).flatMap(([name, schema]) => {
    const { values } = hintsOf(document, name);
    return values === undefined ? [] : constant(values, schema.description, schema.enum);
  });
  const apiKeyHeader = get("components", "securitySchemes", "ApiKey", "name");
  const quotaHeaders = headers.map((name) => [name.slice(name.lastIndexOf("-") + 1).toLowerCase(), name]);
  const quotaDescription = "Names of the response headers that describe the quota of an operation.";
  const int64Description = "Fields of responses that `JSON.parse` may round.";
  const endpointsDescription = "The operations: route, documented quota, page size, and filters that are arrays.";
  return [
    constant("defaultBaseUrl", "Base URL of the API.", get("servers", "0", "url")),
    constant("apiKeyHeader", "Name of the header that contains the API key.", apiKeyHeader),
    constant("rateLimitHeaders", quotaDescription, Object.fromEntries(quotaHeaders)),
    constant("endpoints", endpointsDescription, Object.fromEntries(endpoints)),
    constant("int64Fields", int64Description, [...new Set(operations.flatMap(findInt64Fields))].sort()),
    ...lists,
  ].join("\n");

  function findInt64Fields(operation: string[]): string[] {
    return findInSchema([...operation, "responses", "200", "content", "application/json", "schema"]);
  }

  function findInSchema(schema: string[]): string[] {
    return keysOf(...schema, "properties").flatMap((name) => {
      const property = [...schema, "properties", name];
      const element = keysOf(...property).includes("items") ? [...property, "items"] : property;
      const isInt64 = keysOf(...element).includes("format") && get(...element, "format") === "int64";
      return isInt64 ? [name] : findInSchema(element);
    });
  }

  function compileEndpoint(keys: string[]) {
    const [, path, method = ""] = keys;
    const limit = keysOf(...keys, "parameters")
      .map((index) => [...keys, "parameters", index])
      .find((parameter) => get(...parameter, "name") === "limit");
    const properties = [...keys, "requestBody", "content", "application/json", "schema", "properties"];
    const arrays = keysOf(...properties).filter((name) => get(...properties, name, "type") === "array");
    const bounds = ["minimum", "maximum", "default"];
    const filterLists = Object.fromEntries(arrays.map((name) => [name, typeOf([...properties, name, "items"])]));
    return {
      method: method.toUpperCase(),
      path,
      requestsPerHour: get(...keys, "x-resource-limit-config", "none", "amount"),
      ...(limit && { limit: Object.fromEntries(bounds.map((name) => [name, get(...limit, "schema", name)])) }),
      ...(arrays.length > 0 && { filterLists }),
    };
  }

  /** The name of a primitive type, or for objects a record of the required properties and their types. */
  function typeOf(keys: string[]): unknown {
    if (get(...keys, "type") !== "object") {
      return get(...keys, "type");
    }
    const required = keysOf(...keys, "required").map((index) => String(get(...keys, "required", index)));
    return Object.fromEntries(required.map((name) => [name, typeOf([...keys, "properties", name])]));
  }
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

/** Returns the `x-typescript` extension of a schema. */
function hintsOf(document: OpenAPI3, schema: string): { name?: string; values?: string; isRequest?: boolean } {
  return document.components?.schemas?.[schema]?.["x-typescript"] ?? {};
}

/**
 * Generates types with openapi-typescript and declares every schema under its plain name, so that an editor shows
 * `Chat` instead of `components["schemas"]["GetChatInfoDTO"]`.
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
    declarations.unshift(comment + (hintsOf(document, name).isRequest ? acceptMore(declaration) : declaration));
    rest = rest.slice(0, type.getStart()) + plainName(name) + rest.slice(type.getEnd());
  }
  return [...declarations, rest]
    .join("\n\n")
    .replace(/^export type (webhooks|\$defs) = .*\n/gm, "") // The document has none.
    .replace(/\?: (components\["parameters"\].+);/g, "?: $1 | undefined;")
    .replace(/components\["schemas"\]\["(\w+)"\]/g, (_, schema: string) => plainName(schema))
    .replace(/\/\*\*.*?\*\//gs, readableComment);
}

/** Lets callers pass arrays declared `as const`, and `undefined` for an optional field. */
function acceptMore(declaration: string): string {
  return declaration.replace(/: (.+\[\];)/g, ": readonly $1").replace(/(\?: .+);/g, "$1 | undefined;");
}

/** Returns the members of `components.schemas` in the output of openapi-typescript, in order. */
function schemaMembers(text: string): { name: string; type: ts.TypeNode }[] {
  const file = ts.createSourceFile("types.ts", text, ts.ScriptTarget.Latest, true);
  const components = file.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === "components");
  const membersOf = (type?: ts.Node) =>
    type !== undefined && (ts.isInterfaceDeclaration(type) || ts.isTypeLiteralNode(type))
      ? type.members
          .filter(ts.isPropertySignature)
          .map((member) => ({ name: member.name.getText(), type: member.type! }))
      : [];
  const schemas = membersOf(components).find(({ name }) => name === "schemas");
  if (schemas === undefined) {
    throw new Error("the output of openapi-typescript has no components.schemas");
  }
  return membersOf(schemas.type);
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

/** Moves the description of a comment from its tag to the start, since not all editors show the tag. */
function readableComment(comment: string): string {
  const lines = comment.slice("/**".length, -"*/".length).split("\n");
  const description: string[] = [];
  const tags: string[] = [];
  let target = description;
  for (const line of lines.map((one) => one.replace(/^\s*\* ?( {4})?/, "").trim())) {
    const isTag = /^(@deprecated|@example|@default|Format: date-time)/.test(line);
    target = line.startsWith("@description ") ? description : isTag ? tags : target;
    if (isTag || !/^(@enum|Format: )/.test(line)) {
      target.push(line.replace(/^@description /, ""));
    }
  }
  // Editors show the text of the tag where the field is used, so the tag names the replacement.
  const reason = description.findIndex((line) => line.startsWith("Deprecated: "));
  const tag = tags.findIndex((line) => line.startsWith("@deprecated"));
  if (reason !== -1 && tag !== -1) {
    tags[tag] = description.splice(reason, 1).join("").replace("Deprecated: ", "@deprecated ");
  }
  return docComment([...description, "", ...tags].join("\n").replace(/\n{3,}/g, "\n\n")).trimEnd();
}

/** Writes the files, or reports outdated files with `--check`. */
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
    // Git may have checked out the file with CRLF.
    if (current?.replaceAll("\r\n", "\n") === text) {
      console.log(`${shown} is up to date`);
    } else if (values.check) {
      stale += 1;
      console.error(`${shown} is outdated: run \`npm run generate\``);
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
