/** Validates requests and responses against openapi/chats.yaml. */
import { Ajv, type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import { type Api, readSpecification, type Schema, specificationPath } from "../scripts/specification.js";
import { isRecord } from "../src/check.js";
import { endpoints } from "../src/generated/constants.js";

const { dereferenced } = await readSpecification(specificationPath);

/** The document with closed schemas, which do not allow undocumented properties. */
const closed = JSON.parse(JSON.stringify(dereferenced), (_, value: unknown) => {
  return isRecord(value) && value["type"] === "object" ? { ...value, additionalProperties: false } : value;
}) as Api;

const ajv = new Ajv({ allErrors: true, strict: false });
addFormats.default(ajv);

function validate(schema: Schema | undefined, value: unknown): ErrorObject[] {
  const check = ajv.compile(schema ?? expect.fail("there is no such schema"));
  check(value);
  return check.errors ?? [];
}

/** Returns the problems of a value in a response, including undocumented properties. */
export const findErrors = (name: string, value: unknown) => validate(closed.components.schemas[name], value);

/** Returns the problems of a value in a request, in which the API ignores undocumented properties. */
export const findRequestErrors = (name: string, value: unknown) =>
  validate(dereferenced.components.schemas[name], value);

type Documented = { headers: Record<string, { schema: Schema }>; content: { "application/json": { schema: Schema } } };

/** Fails unless status, headers and body of a response are documented. Returns the body. */
export async function expectDocumented(operation: keyof typeof endpoints, response: Response): Promise<unknown> {
  const { path, method } = endpoints[operation];
  const responses = closed.paths[path]?.[method.toLowerCase()]?.responses as Record<number, Documented> | undefined;
  const { headers, content } = responses?.[response.status] ?? expect.fail(`${operation}: ${response.status}`);
  for (const [name, { schema }] of Object.entries(headers)) {
    expect(response.headers.get(name), name).toMatch(schema.type === "integer" ? /^\d+$/ : /./);
  }
  const body: unknown = await response.json();
  expect(response.headers.get("Content-Type")).toBe("application/json");
  expect(validate(content["application/json"].schema, body), JSON.stringify(body)).toEqual([]);
  return body;
}
