/** Reads an OpenAPI document from an unknown author, without assumptions about its structure. */
import { BaseResolver, bundle, createConfig, ResolveError, unescapePointer } from "@redocly/openapi-core";
import { SpecificationError } from "../specification.js";

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Bundles a document so that each `$ref` points into the document itself.
 *
 * @param location a file or a URL, of YAML or JSON, which may refer to other files
 * @throws SpecificationError with a message of one line
 */
export async function readPublished(location: string, timeoutSeconds: number): Promise<JsonObject> {
  const controller = new AbortController();
  // Not `AbortSignal.timeout`: the resolver assigns to the message of the error, which is read-only there.
  const abort = () => controller.abort(new Error(`no response within ${timeoutSeconds} s`));
  setTimeout(abort, timeoutSeconds * 1000).unref();
  const customFetch = async (url: string) => {
    const { protocol, hostname } = new URL(url);
    if (protocol !== "https:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname)) {
      throw new Error("only https is allowed, or http on localhost");
    }
    return fetch(url, { signal: controller.signal });
  };
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
    // It leaves a $ref that it cannot resolve as it is. That only matters if an operation of ours uses it.
    await bundle({ doc, config: await createConfig({}), externalRefResolver });
    return root;
  } catch (error) {
    throw new SpecificationError(`${location}: ${reasonOf(error)}`, { cause: error });
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
  // The message of fetch is only "fetch failed". The reason is in the cause, which may have a code and no message.
  const reason = code === "ENOENT" ? "no such file" : (error.message.split("\n").find(Boolean) ?? code);
  return error.cause === undefined ? reason : `${reason}: ${reasonOf(error.cause)}`;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectAt(node: unknown, key: string): JsonObject {
  const value = isObject(node) && node[key];
  return isObject(value) ? value : {};
}

export function listAt(node: unknown, key: string): readonly unknown[] {
  const value = isObject(node) && node[key];
  return Array.isArray(value) ? value : [];
}

export function textAt(node: unknown, key: string): string | undefined {
  const value = isObject(node) && node[key];
  return typeof value === "string" ? value : undefined;
}

function valueAt(root: unknown, pointer: string): unknown {
  let node = root;
  for (const key of pointer.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    // The bundler names downloaded files by their URL, and does not escape a `%` in it.
    const name = isObject(node) && Object.hasOwn(node, key) ? key : unescapePointer(key);
    node = typeof node === "object" && node !== null && Object.hasOwn(node, name) ? Reflect.get(node, name) : undefined;
  }
  return node;
}

/** The node, followed by the objects that its `$ref` leads to, in order. */
export function chainOf(document: JsonObject, node: unknown): readonly JsonObject[] {
  const chain = new Set<JsonObject>();
  let next = node;
  while (isObject(next) && !chain.has(next)) {
    chain.add(next);
    const reference = textAt(next, "$ref");
    if (reference === undefined) {
      break;
    }
    next = reference.startsWith("#") ? valueAt(document, reference) : undefined;
    if (next === undefined) {
      throw new SpecificationError(`cannot resolve $ref "${reference}"`);
    }
  }
  return [...chain];
}

/** The chain merged into one object. Siblings of a `$ref` take precedence. */
export function follow(document: JsonObject, node: unknown): JsonObject {
  return Object.assign({}, ...chainOf(document, node).toReversed());
}
