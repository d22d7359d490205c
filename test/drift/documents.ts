/** Documents to compare: our own, and others that mean the same and are put together quite differently. */
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

/** The object at the end of the keys. A test that asks for one that is not there is wrong, and fails. */
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

export function clone(node: unknown): Json {
  const copy: unknown = JSON.parse(JSON.stringify(node));
  return at(copy);
}

/** A document with one operation, whose response 200 has the schema. */
export function tiny(schema: Json, operation: Json = {}, components: Json = {}): Json {
  const responses = { "200": { content: { "application/json": { schema } } } };
  const get = { operationId: "getThing", tags: ["things"], responses, ...operation };
  return { openapi: "3.0.3", paths: { "/things": { get } }, components: { schemas: components } };
}

/** openapi/chats.yaml without its accepted differences: the tests bring their own. */
export function ourDocument(): Json {
  return at(strip(parseYaml(readFileSync(specificationPath, "utf8"))));
}

function strip(node: unknown): unknown {
  if (Array.isArray(node)) {
    return node.map(strip);
  }
  return isJson(node)
    ? Object.fromEntries(
        Object.entries(node).flatMap(([key, value]) => (key === "x-accepted-drift" ? [] : [[key, strip(value)]])),
      )
    : node;
}

/** The document with every `$ref` replaced by what it leads to, so that every place has an object of its own. */
export function inline(document: Json): Json {
  const expand = (node: unknown): unknown => {
    if (Array.isArray(node)) {
      return node.map(expand);
    }
    if (!isJson(node)) {
      return node;
    }
    return typeof node.$ref === "string"
      ? expand(at(document, ...node.$ref.slice(2).split("/")))
      : Object.fromEntries(Object.entries(node).map(([key, value]) => [key, expand(value)]));
  };
  const { components, ...rest } = document;
  return clone({ ...at(expand(rest)), components: { securitySchemes: at(components, "securitySchemes") } });
}

/** Random numbers that are the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 12)) >>> 0) / 2 ** 32;
  };
}

/**
 * The same document as somebody else might have written it: every change of wording and of form that there is, some
 * here and some there. Nothing of what it means is touched.
 */
export function disguise(original: Json, seed: number): Json {
  const random = randomFrom(seed);
  const sometimes = () => random() < 0.3;
  const shuffled = <Item>(items: readonly Item[]): Item[] =>
    items
      .map((item) => ({ item, key: random() }))
      .sort((one, other) => one.key - other.key)
      .map(({ item }) => item);
  const components: Record<string, Json> = {};
  const isNewer = random() < 0.5;

  /** Puts the node among the components, under a name that says nothing. */
  const hoist = (section: string, node: Json): Json => {
    const name = `Имя${Object.keys((components[section] ??= {})).length}`;
    components[section][name] = node;
    return {
      ...(section === "schemas" && sometimes() ? words() : {}),
      $ref: `#/components/${section}/${encodeURIComponent(name)}`,
    };
  };
  const words = (): Json => ({ description: `Описание ${random()}` });
  const reordered = (node: Json): Json => Object.fromEntries(shuffled(Object.entries(node)));
  const mapped = (node: unknown, change: (inner: Json) => Json): Json =>
    Object.fromEntries(
      Object.entries(at({ node }, "node")).map(([key, inner]) => [key, change(at({ inner }, "inner"))]),
    );

  const schema = (node: Json): Json => {
    const { description: _, example: __, ...said } = node;
    const result: Json = { ...said, ...(sometimes() && words()), ...(sometimes() && { title: "Т", example: "О" }) };
    if (isJson(node.properties)) {
      result.properties = reordered(mapped(node.properties, schema));
    }
    for (const key of ["items", "additionalProperties"]) {
      if (isJson(node[key])) {
        result[key] = schema(at(node, key));
      }
    }
    for (const key of ["required", "enum", "oneOf"]) {
      const list = node[key];
      if (Array.isArray(list)) {
        result[key] = shuffled(list);
      }
    }
    if (sometimes()) {
      Object.assign(result, { "x-serialize-transform": "token", externalDocs: { url: "https://example.com" } });
    }
    for (const [key, value] of Object.entries({
      uniqueItems: false,
      deprecated: false,
      nullable: false,
      minLength: 0,
    })) {
      if (sometimes()) {
        result[key] ??= value;
      }
    }
    if (isNewer) {
      toNewer(result);
    }
    let whole = reordered(result);
    if (sometimes() && isJson(whole.properties) && !("additionalProperties" in whole)) {
      // As the Market does it: what all responses have is a schema of its own.
      const { required, properties, ...rest } = whole;
      const [first, ...others] = Object.entries(at(properties));
      const half = { properties: Object.fromEntries(first === undefined ? [] : [first]) };
      whole = {
        ...rest,
        allOf: [half, { ...(required !== undefined && { required }), properties: Object.fromEntries(others) }],
      };
    }
    if (sometimes()) {
      whole = { ...words(), [random() < 0.8 ? "allOf" : "oneOf"]: [whole] };
    }
    return sometimes() ? hoist("schemas", whole) : whole;
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
    const result = {
      ...(sometimes() && defaults),
      ...node,
      ...words(),
      schema: schema(at(node, "schema")),
      example: "О",
    };
    return sometimes() ? hoist("parameters", reordered(result)) : result;
  };
  const operation = (node: Json): Json => {
    const responses = mapped(node.responses, (response) => {
      const { headers: _, ...rest } = content(response);
      return sometimes() ? hoist("responses", rest) : rest;
    });
    const result: Json = { ...node, ...words(), summary: "С", tags: ["дбс", "chats"], responses: reordered(responses) };
    if (isJson(node.requestBody)) {
      const body = content(node.requestBody);
      result.requestBody = sometimes() ? hoist("requestBodies", body) : body;
    }
    if (Array.isArray(node.parameters)) {
      result.parameters = shuffled(node.parameters.map((inner: unknown) => parameter(at(inner))));
    }
    return reordered(owner(result));
  };
  const pathItem = (node: Json): Json => {
    const operations = Object.entries(node).filter(([key]) => ["get", "post", "put"].includes(key));
    const result = owner({
      ...node,
      ...Object.fromEntries(operations.map(([key, inner]) => [key, operation(at(inner))])),
    });
    const [[method] = [""]] = operations;
    if (!sometimes() || !isJson(result[method]) || "parameters" in result) {
      return result;
    }
    // What the operation takes may stand with the path as well.
    const { parameters, ...rest } = result[method];
    return { ...result, [method]: rest, parameters };
  };
  /** What the document, a path and an operation may all say. */
  const owner = (node: Json): Json => {
    const { security, servers } = node;
    return {
      ...node,
      ...(Array.isArray(security) && { security: shuffled(security).map((way: unknown) => renamed(at(way))) }),
      ...(Array.isArray(servers) && {
        servers: servers.map((server: unknown) => ({
          url: `${String(at(server).url)}${sometimes() ? "/" : ""}`,
          ...words(),
        })),
      }),
    };
  };
  const renamed = (node: Json): Json =>
    Object.fromEntries(Object.entries(node).map(([name, inner]) => [`С${name}`, inner]));

  const paths = reordered(mapped(original.paths, pathItem));
  const securitySchemes = mapped(at(original, "components", "securitySchemes"), (scheme) => ({
    ...scheme,
    ...words(),
  }));
  return {
    ...owner(original),
    openapi: isNewer ? "3.1.0" : "3.0.3",
    info: { title: "Иначе", version: "LATEST" },
    paths,
    components: { ...components, securitySchemes: renamed(securitySchemes) },
  };
}

/** OpenAPI 3.1 says the same in other words. */
function toNewer(schema: Json): void {
  if (schema.nullable === true && typeof schema.type === "string") {
    schema.type = [schema.type, "null"];
    delete schema.nullable;
  }
  for (const [bound, exclusive] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    if (schema[exclusive] === true) {
      schema[exclusive] = schema[bound];
      delete schema[bound];
    }
  }
}

/** Writes the document as the Market publishes its own: a file for each path and each component. */
export function writeSplit(document: Json, directory: string): string {
  const fileOf = (pointer: string) => {
    const [, ...keys] = pointer.split("/").map(decodeURIComponent);
    return `${keys.join("/")}.yaml`;
  };
  const write = (file: string, node: unknown) => {
    const path = join(directory, file);
    const moved: unknown = JSON.parse(JSON.stringify(node), (key, value: unknown) =>
      key === "$ref" && typeof value === "string" && value.startsWith("#")
        ? relative(dirname(path), join(directory, fileOf(value))).replace(/^(?!\.)/, "./")
        : value,
    );
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, stringifyYaml(moved));
  };
  const { securitySchemes, ...components } = at(document, "components");
  for (const [section, nodes] of Object.entries(components)) {
    Object.entries(at(nodes)).forEach(([name, node]) => write(`components/${section}/${name}.yaml`, node));
  }
  const paths = Object.entries(at(document, "paths")).map(([path, item], index) => {
    write(`paths/${index}.yaml`, item);
    return [path, { $ref: `paths/${index}.yaml` }];
  });
  write("openapi.yaml", { ...document, paths: Object.fromEntries(paths), components: { securitySchemes } });
  return join(directory, "openapi.yaml");
}
