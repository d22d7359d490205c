import type { Api, Operation, Schema } from "../specification.js";
import { docComment } from "./comment.js";

/** The values needed at run time, so that no handwritten code repeats them. */
export function compileConstants({ servers, paths, components }: Api): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => operation.operationId !== undefined)
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const endpoints = operations.map((each) => [each.operation.operationId, compileEndpoint(each)]);
  const responses = operations.map(({ operation }) => operation.responses[200]);
  const headers = responses.flatMap((response) => Object.keys(response.headers));
  const quotaHeaders = headers.map((name) => [name.slice(name.lastIndexOf("-") + 1).toLowerCase(), name]);
  const int64Fields = responses.flatMap(({ content }) => findInt64Fields(content["application/json"].schema));
  const lists = Object.values(components.schemas).flatMap(({ "x-typescript": hints, description, enum: values }) =>
    hints?.values === undefined ? [] : constant(hints.values, description, values),
  );
  const quotaDescription = "Names of the response headers that describe the quota of an operation.";
  const int64Description = "Fields of responses that `JSON.parse` may round.";
  const endpointsDescription = "The operations: route, documented quota, page size, and filters that are arrays.";
  const apiKeyHeader = components.securitySchemes.ApiKey.name;
  return [
    constant("defaultBaseUrl", "Base URL of the API.", servers[0].url),
    constant("apiKeyHeader", "Name of the header that contains the API key.", apiKeyHeader),
    constant("rateLimitHeaders", quotaDescription, Object.fromEntries(quotaHeaders)),
    constant("endpoints", endpointsDescription, Object.fromEntries(endpoints)),
    constant("int64Fields", int64Description, [...new Set(int64Fields)].sort()),
    ...lists,
  ].join("\n");
}

function compileEndpoint({ method, path, operation }: { method: string; path: string; operation: Operation }) {
  const limit = operation.parameters?.find(({ name }) => name === "limit")?.schema;
  const body = operation.requestBody?.content["application/json"].schema;
  const lists = Object.entries(body?.properties ?? {}).flatMap(([name, { items }]) =>
    items === undefined ? [] : [[name, typeOf(items)]],
  );
  return {
    method,
    path,
    requestsPerHour: operation["x-resource-limit-config"].none.amount,
    ...(limit && { limit: { minimum: limit["minimum"], maximum: limit["maximum"], default: limit["default"] } }),
    ...(lists.length > 0 && { filterLists: Object.fromEntries(lists) }),
  };
}

/** The name of a primitive type, or for objects a record of the required properties and their types. */
function typeOf({ type, required = [], properties = {} }: Schema): unknown {
  return type === "object" ? Object.fromEntries(required.map((name) => [name, typeOf(properties[name] ?? {})])) : type;
}

function findInt64Fields({ properties = {} }: Schema): string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const schema = property.items ?? property;
    return schema.format === "int64" ? [name] : findInt64Fields(schema);
  });
}

function constant(name: string, description: string | undefined, value: unknown): string {
  return `${docComment(description)}export const ${name} = ${JSON.stringify(value)} as const;\n`;
}
