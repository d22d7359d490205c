/** Documents to compare: our own, and documents with the same meaning and another structure. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseYaml, stringifyYaml } from "@redocly/openapi-core";
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

/** Random numbers that are the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 12)) >>> 0) / 2 ** 32;
  };
}

/** The same document as another author might have written it: with random changes of wording and of structure. */
export function disguise(original: Json, seed: number): Json {
  const random = randomFrom(seed);
  const sometimes = () => random() < 0.3;
  const shuffled = <Item>(items: readonly Item[]): Item[] => {
    const keyed = items.map((item) => [item, random()] as const);
    return keyed.sort(([, one], [, other]) => one - other).map(([item]) => item);
  };
  const reordered = (node: Json): Json => Object.fromEntries(shuffled(Object.entries(node)));
  const mapped = (node: unknown, change: (inner: Json) => Json): Json =>
    Object.fromEntries(Object.entries(at(node)).map(([key, inner]) => [key, change(at(inner))]));
  const words = (): Json => ({ description: `Описание ${random()}` });
  const components: Record<string, Json> = {};
  const isNewer = random() < 0.5;

  /** Sometimes moves the node to the components, under a name without meaning. */
  const hoist = (section: string, node: Json): Json => {
    if (!sometimes()) {
      return node;
    }
    const name = `Имя${Object.keys((components[section] ??= {})).length}`;
    components[section][name] = node;
    const $ref = `#/components/${section}/${encodeURIComponent(name)}`;
    return { ...(section === "schemas" && sometimes() && words()), $ref };
  };

  const schema = (node: Json): Json => {
    const { description: _, example: __, ...stated } = node;
    const result: Json = { ...stated, ...(sometimes() && words()), ...(sometimes() && { title: "Т", example: "О" }) };
    for (const [key, value] of Object.entries(node)) {
      if (key === "properties") {
        result[key] = reordered(mapped(value, schema));
      } else if (["items", "additionalProperties"].includes(key) && isJson(value)) {
        result[key] = schema(value);
      } else if (["required", "enum", "oneOf"].includes(key) && Array.isArray(value)) {
        result[key] = shuffled(value);
      }
    }
    if (sometimes()) {
      Object.assign(result, { "x-serialize-transform": "token", externalDocs: { url: "https://example.com" } });
    }
    const withoutEffect = { uniqueItems: false, deprecated: false, nullable: false, minLength: 0 };
    for (const [key, value] of Object.entries(withoutEffect)) {
      if (sometimes()) {
        result[key] ??= value;
      }
    }
    if (isNewer) {
      toNewer(result);
    }
    let whole = reordered(result);
    if (sometimes() && isJson(whole.properties) && !("additionalProperties" in whole)) {
      // As in the published document: the common fields of all responses are a separate schema.
      const { required, properties, ...rest } = whole;
      const [first, ...others] = Object.entries(at(properties));
      const half = { properties: Object.fromEntries(first === undefined ? [] : [first]) };
      const otherHalf = { ...(required !== undefined && { required }), properties: Object.fromEntries(others) };
      whole = { ...rest, allOf: [half, otherHalf] };
    }
    if (sometimes()) {
      whole = { ...words(), [random() < 0.8 ? "allOf" : "oneOf"]: [whole] };
    }
    return hoist("schemas", whole);
  };
  const content = (node: Json): Json => {
    const media = Object.entries(isJson(node.content) ? node.content : {}).map(([type, inner]) => [
      sometimes() ? `${type}; charset=utf-8` : type,
      { schema: schema(at(inner, "schema")), example: {} },
    ]);
    return { ...node, ...words(), ...(media.length > 0 && { content: Object.fromEntries(media) }) };
  };
  const parameter = (node: Json): Json => {
    const defaults = node.in === "query" ? { style: "form", explode: true, "x-aliases": [node.name] } : {};
    const changed = { ...words(), schema: schema(at(node, "schema")), example: "О" };
    return hoist("parameters", reordered({ ...(sometimes() && defaults), ...node, ...changed }));
  };
  const operation = (node: Json): Json => {
    const response = (inner: Json) => hoist("responses", content({ ...inner, headers: undefined }));
    const responses = reordered(mapped(node.responses, response));
    const result: Json = { ...node, ...words(), summary: "С", tags: ["дбс", "chats"], responses };
    if (isJson(node.requestBody)) {
      result.requestBody = hoist("requestBodies", content(node.requestBody));
    }
    if (Array.isArray(node.parameters)) {
      result.parameters = shuffled(node.parameters.map((inner: unknown) => parameter(at(inner))));
    }
    return reordered(owner(result));
  };
  const pathItem = (node: Json): Json => {
    const operations = Object.keys(node).filter((key) => ["get", "post", "put"].includes(key));
    const changed = Object.fromEntries(operations.map((key) => [key, operation(at(node, key))]));
    const result: Json = owner({ ...node, ...changed });
    const [method = ""] = operations;
    if (!sometimes() || !isJson(result[method]) || "parameters" in result) {
      return result;
    }
    // The path item may have the parameters of its operation.
    const { parameters, ...rest } = result[method];
    return { ...result, [method]: rest, parameters };
  };
  /** Changes the properties that a document, a path item and an operation may have. */
  const owner = ({ security, servers, ...node }: Json): Json => ({
    ...node,
    ...(Array.isArray(security) && { security: shuffled(security).map((way: unknown) => renamed(at(way))) }),
    ...(Array.isArray(servers) && {
      servers: servers.map((server) => ({ url: `${String(at(server).url)}${sometimes() ? "/" : ""}`, ...words() })),
    }),
  });
  const renamed = (node: Json): Json =>
    Object.fromEntries(Object.entries(node).map(([name, inner]) => [`С${name}`, inner]));

  const paths = reordered(mapped(original.paths, pathItem));
  const schemes = mapped(at(original, "components", "securitySchemes"), (scheme) => ({ ...scheme, ...words() }));
  return clone({
    ...owner(original),
    openapi: isNewer ? "3.1.0" : "3.0.3",
    info: { title: "Иначе", version: "LATEST" },
    paths,
    components: { ...components, securitySchemes: renamed(schemes) },
  });
}

/** Rewrites a schema from OpenAPI 3.0 to 3.1. */
function toNewer(schema: Json): void {
  if (schema.nullable === true && typeof schema.type === "string") {
    schema.type = [schema.type, "null"];
    delete schema.nullable;
  }
  for (const bound of ["minimum", "maximum"]) {
    const exclusive = bound.replace("m", "exclusiveM");
    if (schema[exclusive] === true) {
      schema[exclusive] = schema[bound];
      delete schema[bound];
    }
  }
}

/** Writes the document with a file for each component, as the published document has them. */
export function writeSplit(document: Json, directory: string): string {
  const write = (file: string, node: unknown) => {
    const path = join(directory, file);
    const moved = clone(node, (key, value) => {
      const name = key === "$ref" && typeof value === "string" ? `${decodeURIComponent(value.slice(2))}.yaml` : "";
      return name === "" ? value : relative(dirname(path), join(directory, name)).replace(/^(?!\.)/, "./");
    });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, stringifyYaml(moved));
    return path;
  };
  const { securitySchemes, ...components } = at(document, "components");
  for (const [section, nodes] of Object.entries(components)) {
    Object.entries(at(nodes)).forEach(([name, node]) => write(`components/${section}/${name}.yaml`, node));
  }
  return write("openapi.yaml", { ...document, components: { securitySchemes } });
}
