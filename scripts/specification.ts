/** Reads the curated OpenAPI document, which has to pass Redocly's strict recommended rules first. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  bundle,
  createConfig,
  getLineColLocation,
  isAbsoluteUrl,
  lint,
  type NormalizedProblem,
} from "@redocly/openapi-core";
import type { OpenAPI3 } from "openapi-typescript";

/** The curated document of this repository. */
export const specificationPath = fileURLToPath(new URL("../openapi/chats.yaml", import.meta.url));

/** The document cannot be used. The message holds one line for each reason, with file, line and column. */
export class SpecificationError extends Error {
  override readonly name = "SpecificationError";
}

/** @throws SpecificationError if the file cannot be read or parsed, or if a rule finds anything, be it a warning. */
export async function readSpecification(path: string): Promise<OpenAPI3> {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await lint({ ref: path, config }).catch((error: unknown) => {
    throw new SpecificationError(`${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  });
  if (problems.length > 0) {
    throw new SpecificationError(problems.map(describeProblem).join("\n"));
  }
  const { bundle: document } = await bundle({ ref: path, config });
  return document.parsed;
}

/** A problem in one line: where it is, what it is, and which rule says so. */
export function describeProblem({ location: [location], message, ruleId }: NormalizedProblem): string {
  if (location === undefined) {
    return `${message} (${ruleId})`;
  }
  const { start, source } = getLineColLocation(location);
  const file = isAbsoluteUrl(source.absoluteRef) ? source.absoluteRef : relative(process.cwd(), source.absoluteRef);
  return `${file}:${start.line}:${start.col} ${message} (${ruleId})`;
}
