/** Reads the OpenAPI document, which must pass Redocly's strict recommended rules. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  bundle,
  createConfig,
  getLineColLocation,
  isAbsoluteUrl,
  lint,
  type LocationObject,
  type NormalizedProblem,
} from "@redocly/openapi-core";
import type { OpenAPI3 } from "openapi-typescript";

/** The OpenAPI document of this repository. */
export const specificationPath = fileURLToPath(new URL("../openapi/chats.yaml", import.meta.url));

/** The document is invalid. The message has one line per problem, with file, line and column. */
export class SpecificationError extends Error {
  override readonly name = "SpecificationError";
}

/** A valid document, and access to its values by key. References are followed. */
export interface Specification {
  document: OpenAPI3;
  /** Returns the names of the properties of an object or array. Returns none if it is missing. */
  keysOf: (...keys: string[]) => string[];
  /** Returns a value. @throws SpecificationError with file, line and column of its parent if it is missing. */
  get: (...keys: string[]) => unknown;
}

/** @throws SpecificationError if the file cannot be read or parsed, or if a rule reports an error or a warning. */
export async function readSpecification(path: string): Promise<Specification> {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await lint({ ref: path, config }).catch((error: unknown) => {
    throw new SpecificationError(describeReadError(path, error), { cause: error });
  });
  if (problems.length > 0) {
    throw new SpecificationError(problems.map(describeProblem).join("\n"));
  }
  const { bundle: bundled } = await bundle({ ref: path, config });
  const { source } = bundled;
  const document: OpenAPI3 = bundled.parsed;
  return {
    document,
    keysOf: (...keys) => Object.keys(Object(find(document, keys).value)),
    get(...keys) {
      const { value, path } = find(document, keys);
      if (value === undefined) {
        const parent = path.slice(0, -1).map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
        const place = describePlace({ source, pointer: `#${parent.join("")}`, reportOnKey: true });
        throw new SpecificationError(`${place} ${path.join(".")} is missing; the generated constants require it`);
      }
      return value;
    },
  };
}

/** The value at the keys, or undefined, and the path that leads to it without a reference. */
function find(document: OpenAPI3, keys: readonly string[]): { value: unknown; path: string[] } {
  let found: { value: unknown; path: string[] } = { value: document, path: [] };
  for (const key of keys) {
    found = { value: Object(found.value)[key] as unknown, path: [...found.path, key] };
    const { $ref } = Object(found.value) as { $ref?: unknown };
    if (typeof $ref === "string") {
      found = find(document, $ref.replace("#/", "").split("/"));
    }
  }
  return found;
}

function describeReadError(path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // The message of the parser ends with the location: `reason in "/path/of/chats.yaml" (4:3)`.
  const [, reason, place] = /^(.*) in ".*" \((\d+:\d+)\)$/s.exec(message) ?? [];
  const file = relative(process.cwd(), path);
  return place === undefined ? `${file}: ${message}` : `${file}:${place} ${reason}`;
}

/** Describes a problem in one line: location, message and rule. */
export function describeProblem({ location: [location], message, ruleId }: NormalizedProblem): string {
  return `${location === undefined ? "" : `${describePlace(location)} `}${message} (${ruleId})`;
}

function describePlace(location: LocationObject): string {
  const { start, source } = getLineColLocation(location);
  const file = isAbsoluteUrl(source.absoluteRef) ? source.absoluteRef : relative(process.cwd(), source.absoluteRef);
  return `${file}:${start.line}:${start.col}`;
}
