/** Validates requests and responses against openapi/chats.yaml. */
import { readFileSync } from "node:fs";
import { parseYaml } from "@redocly/openapi-core";
import { Ajv, type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import { isRecord } from "../src/options.js";

const document: unknown = parseYaml(readFileSync(new URL("../openapi/chats.yaml", import.meta.url), "utf8"));

/** Returns the value at the keys, following references. */
function at(place: unknown, ...keys: string[]): unknown {
  const [key, ...rest] = keys;
  if (isRecord(place) && typeof place["$ref"] === "string") {
    return at(document, ...place["$ref"].replace("#/", "").split("/"), ...keys);
  }
  return key === undefined ? place : at(isRecord(place) ? place[key] : undefined, ...rest);
}

/** Converts the schemas to JSON Schema. Closed schemas do not allow undocumented properties. */
function jsonSchemas(schema: unknown, isClosed: boolean): unknown {
  if (Array.isArray(schema)) {
    return schema.map((item) => jsonSchemas(item, isClosed));
  }
  if (!isRecord(schema)) {
    return schema;
  }
  const entries = Object.entries(schema).filter(([name]) => !name.startsWith("x-") && name !== "example");
  const converted = Object.fromEntries(entries.map(([name, value]) => [name, jsonSchemas(value, isClosed)]));
  return isClosed && schema["type"] === "object" ? { ...converted, additionalProperties: false } : converted;
}

function createValidator(isClosed: boolean): (schema: string, value: unknown) => ErrorObject[] {
  const ajv = new Ajv({ allErrors: true });
  addFormats.default(ajv);
  ajv.addKeyword("components");
  const schemas = jsonSchemas(at(document, "components", "schemas"), isClosed);
  ajv.addSchema({ $id: "https://chats.test/", components: { schemas } });
  return (name, value) => {
    const validate = ajv.getSchema(`https://chats.test/#/components/schemas/${name}`);
    if (validate === undefined) {
      throw new Error(`missing schema ${name}`);
    }
    validate(value);
    return validate.errors ?? [];
  };
}

/** Returns the problems of a value in a response, including undocumented properties. */
export const findErrors = createValidator(true);

/** Returns the problems of a value in a request, in which the API ignores undocumented properties. */
export const findRequestErrors = createValidator(false);

/** Returns the documented response of an operation with this status. */
function findResponse(operation: string, status: number): unknown {
  const operations = Object.values(at(document, "paths") ?? {}).flatMap((methods: unknown) =>
    Object.values(methods ?? {}),
  );
  const found: unknown = operations.find((method) => at(method, "operationId") === operation);
  return at(found, "responses", String(status));
}

/** Fails unless status, headers and body of a response are documented. Returns the body. */
export async function expectDocumented(operation: string, response: Response): Promise<unknown> {
  const documented = findResponse(operation, response.status);
  expect(documented, `${operation} documents no status ${response.status}`).toBeDefined();

  const headers = at(documented, "headers");
  expect(headers).toBeInstanceOf(Object);
  for (const [name, header] of Object.entries(headers ?? {})) {
    const isInteger = at(header, "schema", "type") === "integer";
    expect(response.headers.get(name), name).toMatch(isInteger ? /^\d+$/ : /./);
  }

  const body: unknown = await response.json();
  expect(response.headers.get("Content-Type")).toBe("application/json");
  const schema = isRecord(documented) && at(documented, "content");
  const reference =
    isRecord(schema) && isRecord(schema["application/json"]) ? schema["application/json"]["schema"] : undefined;
  const name = isRecord(reference) ? String(reference["$ref"]).replace("#/components/schemas/", "") : "none";
  expect(findErrors(name, body), `${name}: ${JSON.stringify(body)}`).toEqual([]);
  return body;
}
