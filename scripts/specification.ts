/** Reads the OpenAPI document, which must pass Redocly's strict recommended rules. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as redocly from "@redocly/openapi-core";
import type { OpenAPI3 } from "openapi-typescript";

/** The OpenAPI document of this repository. */
export const specificationPath = fileURLToPath(new URL("../openapi/chats.yaml", import.meta.url));

/** The document is invalid. The message has one line per problem, with file, line and column. */
export class SpecificationError extends Error {
  override readonly name = "SpecificationError";
}

/** What the generated constants need of a document without references. */
export type Api = {
  servers: [{ url: string }];
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: { ApiKey: { name: string } }; schemas: Record<string, Schema> };
};

export interface Operation {
  operationId?: string;
  parameters?: { name: string; schema: Schema }[];
  requestBody?: { content: JsonContent };
  responses: { 200: { content: JsonContent; headers: object } };
  "x-resource-limit-config": { none: { amount: number } };
}

type JsonContent = Record<"application/json", { schema: Schema }>;

export interface Schema {
  description?: string;
  format?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  type?: string;
  /** The names of the generated declarations, and whether callers pass the type. */
  "x-typescript"?: { name?: string; values?: string; isRequest?: boolean };
  [keyword: string]: unknown;
}

export type Hints = NonNullable<Schema["x-typescript"]>;

/** Reports a property without which the generated constants would be incomplete. */
const requireProperty = (type: string, property: string, where: object[] = []) => ({
  subject: { type, property },
  where,
  assertions: { defined: true },
  message: `${property} is missing; the generated constants require it`,
});

const limit = { subject: { type: "Parameter", property: "name" }, assertions: { const: "limit" } };

const rules = {
  "rule/quota": requireProperty("Operation", "x-resource-limit-config"),
  "rule/limit-minimum": requireProperty("Schema", "minimum", [limit]),
  "rule/limit-maximum": requireProperty("Schema", "maximum", [limit]),
  "rule/limit-default": requireProperty("Schema", "default", [limit]),
};

/**
 * Returns the document, and the same with each `$ref` replaced by its target.
 *
 * @throws SpecificationError if the file cannot be read or parsed, or if a rule reports an error or a warning
 */
export async function readSpecification(path: string): Promise<{ document: OpenAPI3; dereferenced: Api }> {
  const config = await redocly.createConfig({ extends: ["recommended-strict"], rules });
  const problems = await redocly.lint({ ref: path, config }).catch((error: unknown) => {
    throw new SpecificationError(describeReadError(path, error), { cause: error });
  });
  if (problems.length > 0) throw new SpecificationError(problems.map(describeProblem).join("\n"));
  const document = await redocly.bundle({ ref: path, config });
  const dereferenced = await redocly.bundle({ ref: path, config, dereference: true });
  return { document: document.bundle.parsed, dereferenced: dereferenced.bundle.parsed };
}

function describeReadError(path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // The message of the parser ends with the location: `reason in "/path/of/chats.yaml" (4:3)`.
  const [, reason, place] = /^(.*) in ".*" \((\d+:\d+)\)$/s.exec(message) ?? [];
  const file = relative(process.cwd(), path);
  return place === undefined ? `${file}: ${message}` : `${file}:${place} ${reason}`;
}

/** Describes a problem in one line: location, message and rule. */
function describeProblem({ location: [location], message, ruleId }: redocly.NormalizedProblem): string {
  if (location === undefined) return `${message} (${ruleId})`;
  const { start, source } = redocly.getLineColLocation(location);
  const file = redocly.isAbsoluteUrl(source.absoluteRef)
    ? source.absoluteRef
    : relative(process.cwd(), source.absoluteRef);
  return `${file}:${start.line}:${start.col} ${message} (${ruleId})`;
}
