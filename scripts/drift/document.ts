/** Reads an OpenAPI document that somebody else has written: nothing is taken for granted about its shape. */
import { BaseResolver, bundle, createConfig, parseYaml, ResolveError, unescapePointer } from "@redocly/openapi-core";
import { describeProblem, SpecificationError } from "../specification.js";

export type JsonObject = Readonly<Record<string, unknown>>;

/** A document of which every `$ref` points into it. */
export interface OpenApiDocument {
  readonly root: JsonObject;
  /** Why a `$ref` does not: the bundler leaves one that it cannot follow as it is, and most do not concern us. */
  readonly unresolved: ReadonlyMap<string, string>;
}

/**
 * @param location a file or a URL, of YAML or JSON, with all that it refers to
 * @throws SpecificationError with a message of one line
 */
export async function readPublished(location: string, timeoutSeconds: number): Promise<OpenApiDocument> {
  const deadline = AbortSignal.timeout(timeoutSeconds * 1000);
  const customFetch = (url: string) => download(url, deadline);
  const externalRefResolver = new BaseResolver({ http: { headers: [], customFetch } });
  try {
    const doc = await externalRefResolver.resolveDocument(null, location, true);
    if (doc instanceof Error) {
      throw doc;
    }
    const root: unknown = doc.parsed;
    if (!isObject(root) || !textAt(root, "openapi")?.startsWith("3.")) {
      const found = isObject(root) && "swagger" in root ? `Swagger ${String(root.swagger)}` : "something else";
      throw new Error(`expected an OpenAPI 3 document, found ${found}`);
    }
    const { problems } = await bundle({ doc, config: await createConfig({}), externalRefResolver });
    const unresolved = new Map<string, string>();
    for (const problem of problems) {
      const [place] = problem.location;
      const node = place?.pointer && valueAt(parseYaml(place.source.body), place.pointer);
      unresolved.set(textAt(node, "$ref") ?? "", describeProblem(problem));
    }
    return { root, unresolved };
  } catch (error) {
    throw new SpecificationError(`${location}: ${reasonOf(error)}`, { cause: error });
  }
}

async function download(url: string, signal: AbortSignal): Promise<Response> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname)) {
    throw new Error("only https will do, or http on loopback");
  }
  try {
    const response = await fetch(url, { signal });
    if (response.ok) {
      return new Response(await response.text(), { headers: response.headers });
    }
    throw new Error(`HTTP ${response.status}`);
  } catch (error) {
    // The resolver writes into the message of what it catches, and that of a timeout cannot be written to.
    throw new Error(reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ResolveError) {
    return reasonOf(error.originalError);
  }
  if (!(error instanceof Error)) {
    return String(error);
  }
  const code = "code" in error ? String(error.code) : "";
  if (code === "ENOENT") {
    return "no such file";
  }
  // fetch says no more than "fetch failed". What happened stands in the cause, and that may have a code only.
  const [reason = code] = error.message.split("\n").filter(Boolean);
  return error.cause === undefined ? reason : `${reason}: ${reasonOf(error.cause)}`;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectAt(node: unknown, key: string): JsonObject {
  const value = isObject(node) ? node[key] : undefined;
  return isObject(value) ? value : {};
}

export function listAt(node: unknown, key: string): readonly unknown[] {
  const value = isObject(node) ? node[key] : undefined;
  return Array.isArray(value) ? value : [];
}

export function textAt(node: unknown, key: string): string | undefined {
  const value = isObject(node) ? node[key] : undefined;
  return typeof value === "string" ? value : undefined;
}

function valueAt(root: unknown, pointer: string): unknown {
  let node = root;
  for (const key of pointer.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    // The bundler names what it has fetched by its URL, and does not escape the `%` that may be in that.
    const name = isObject(node) && Object.hasOwn(node, key) ? key : unescapePointer(key);
    node = typeof node === "object" && node !== null && Object.hasOwn(node, name) ? Reflect.get(node, name) : undefined;
  }
  return node;
}

/** The node, and whatever its `$ref` leads to, one after the other. */
export function chainOf(document: OpenApiDocument, node: unknown): readonly JsonObject[] {
  const chain = new Set<JsonObject>();
  let next = node;
  while (isObject(next) && !chain.has(next)) {
    chain.add(next);
    const reference = textAt(next, "$ref");
    if (reference === undefined) {
      break;
    }
    next = reference.startsWith("#") ? valueAt(document.root, reference) : undefined;
    if (next === undefined) {
      throw new SpecificationError(document.unresolved.get(reference) ?? `cannot follow $ref "${reference}"`);
    }
  }
  return [...chain];
}

/** The same as one object. What stands beside a `$ref` is meant, and wins. */
export function follow(document: OpenApiDocument, node: unknown): JsonObject {
  return chainOf(document, node).reduceRight<JsonObject>((merged, part) => ({ ...merged, ...part }), {});
}
