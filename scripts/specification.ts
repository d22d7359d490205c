/** Reads the curated OpenAPI document, which has to pass Redocly's strict recommended rules first. */
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

/** The curated document of this repository. */
export const specificationPath = fileURLToPath(new URL("../openapi/chats.yaml", import.meta.url));

/** The document cannot be used. The message holds one line for each reason, with file, line and column. */
export class SpecificationError extends Error {
  override readonly name = "SpecificationError";
}

/** A document that can be used, and where things stand in its file. */
export interface Specification {
  document: OpenAPI3;
  /** File, line and column of what the keys lead to, or of the nearest thing above it. */
  placeOf: (...keys: string[]) => string;
}

/** @throws SpecificationError if the file cannot be read or parsed, or if a rule finds anything, be it a warning. */
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
  return {
    document: bundled.parsed,
    placeOf(...keys) {
      const pointer = `#/${keys.map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
      return describePlace({ source, pointer, reportOnKey: true });
    },
  };
}

function describeReadError(path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // The parser puts the place last: `reason in "/path/of/chats.yaml" (4:3)`.
  const [, reason, place] = /^(.*) in ".*" \((\d+:\d+)\)$/s.exec(message) ?? [];
  const file = relative(process.cwd(), path);
  return place === undefined ? `${file}: ${message}` : `${file}:${place} ${reason}`;
}

/** A problem in one line: where it is, what it is, and which rule says so. */
export function describeProblem({ location: [location], message, ruleId }: NormalizedProblem): string {
  if (location === undefined) {
    return `${message} (${ruleId})`;
  }
  return `${describePlace(location)} ${message} (${ruleId})`;
}

function describePlace(location: LocationObject): string {
  const { start, source } = getLineColLocation(location);
  const file = isAbsoluteUrl(source.absoluteRef) ? source.absoluteRef : relative(process.cwd(), source.absoluteRef);
  return `${file}:${start.line}:${start.col}`;
}
