/** Reads an OpenAPI document from an unknown author, without assumptions about its structure. */
import { BaseResolver, bundle, createConfig, type Document, ResolveError } from "@redocly/openapi-core";
import { isRecord } from "../../src/check.js";
import { SpecificationError } from "../specification.js";

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Returns the document with each `$ref` replaced by its target. A recursive schema contains itself.
 *
 * @param location a file or a URL, of YAML or JSON, which may refer to other files
 * @throws SpecificationError with a message of one line
 */
export async function readDocument(location: string, timeoutSeconds: number): Promise<JsonObject> {
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
  const resolver = new BaseResolver({ http: { headers: [], customFetch } });
  try {
    const document = await resolver.resolveDocument(null, location, true);
    if (document instanceof Error) throw document;
    return await dereference(document, resolver);
  } catch (error) {
    throw new SpecificationError(`${location}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Changes the document. A `$ref` that cannot be resolved stays: it only matters if an operation of ours uses it. */
export async function dereference(doc: Document, externalRefResolver: BaseResolver): Promise<JsonObject> {
  const root: unknown = doc.parsed;
  if (!isRecord(root) || !String(root.openapi).startsWith("3.")) {
    const found = isRecord(root) && "swagger" in root ? `Swagger ${String(root.swagger)}` : "something else";
    throw new Error(`expected an OpenAPI 3 document, found ${found}`);
  }
  await bundle({ doc, config: await createConfig({}), externalRefResolver, dereference: true });
  return root;
}

function reasonOf(error: unknown): string {
  if (error instanceof ResolveError) return reasonOf(error.originalError);
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  // The message of fetch is only "fetch failed". The reason is in the cause, which may have a code and no message.
  const reason = code === "ENOENT" ? "no such file" : (error.message.split("\n").find(Boolean) ?? code);
  return error.cause === undefined ? reason : `${reason}: ${reasonOf(error.cause)}`;
}

/** The value if it is an object. Other values state nothing. @throws SpecificationError for an unresolved `$ref` */
export function toObject(value: unknown): JsonObject {
  const object = isRecord(value) ? value : {};
  if (typeof object.$ref === "string") throw new SpecificationError(`cannot resolve $ref "${object.$ref}"`);
  return object;
}

export const entriesOf = (value: unknown) => Object.entries(toObject(value));

export const toList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
