/** Validates requests and responses against openapi/chats.yaml. */
import { readFileSync } from "node:fs";
import { parseYaml } from "@redocly/openapi-core";
import { Ajv, type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import { endpoints } from "../src/generated/constants.js";
import { isRecord } from "../src/check.js";

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
function jsonSchemas(isClosed: boolean): unknown {
  return JSON.parse(JSON.stringify(at(document, "components", "schemas")), (key, value: unknown) => {
    if (key.startsWith("x-") || key === "example") return undefined;
    return isClosed && isRecord(value) && value["type"] === "object"
      ? { ...value, additionalProperties: false }
      : value;
  });
}

function createValidator(isClosed: boolean): (schema: string, value: unknown) => ErrorObject[] {
  const ajv = new Ajv({ allErrors: true });
  addFormats.default(ajv);
  ajv.addKeyword("components");
  ajv.addSchema({ $id: "https://chats.test/", components: { schemas: jsonSchemas(isClosed) } });
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

/** Fails unless status, headers and body of a response are documented. Returns the body. */
export async function expectDocumented(operation: keyof typeof endpoints, response: Response): Promise<unknown> {
  const { path, method } = endpoints[operation];
  const documented = at(document, "paths", path, method.toLowerCase(), "responses", String(response.status));
  expect(documented, `${operation} documents no status ${response.status}`).toBeDefined();

  const headers = at(documented, "headers");
  expect(headers).toBeInstanceOf(Object);
  for (const [name, header] of Object.entries(headers ?? {})) {
    const isInteger = at(header, "schema", "type") === "integer";
    expect(response.headers.get(name), name).toMatch(isInteger ? /^\d+$/ : /./);
  }

  const body: unknown = await response.json();
  expect(response.headers.get("Content-Type")).toBe("application/json");
  const { schema } = at(documented, "content", "application/json") as { schema: { $ref: string } };
  const name = schema.$ref.replace("#/components/schemas/", "");
  expect(findErrors(name, body), `${name}: ${JSON.stringify(body)}`).toEqual([]);
  return body;
}
