import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { stringifyYaml } from "@redocly/openapi-core";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { compareDocuments } from "../scripts/drift/compare.js";
import { readDocument } from "../scripts/drift/document.js";
import { SpecificationError } from "../scripts/specification.js";
import { type FaultMatch, type MarketServer, startMarketServer } from "../src/testing/index.js";
import { changes } from "./drift/changes.js";
import {
  at,
  clone,
  compare,
  disguise,
  inline,
  type Json,
  ourDocument,
  tiny,
  toLines,
  writeSplit,
} from "./drift/documents.js";
import { runScript } from "./support/cli.js";

const compareLines = async (theirs: Json, ours: Json) => toLines(await compare(theirs, ours));

test("documents with the same meaning have no differences", async () => {
  const ours = ourDocument();
  const property = fc.asyncProperty(fc.nat(), async (seed) => {
    const disguised = disguise(inline(ours), seed);
    expect(await compareLines(disguised, ours)).toEqual([]);
    expect(await compareLines(ours, disguised)).toEqual([]);
  });
  await fc.assert(property, { numRuns: 30 });
});

describe("a document with one change", () => {
  it.each(changes)("has only the expected differences: $change", async ({ changed, original, theirs, ours }) => {
    expect(await compareLines(changed, original)).toEqual(theirs);
    expect(await compareLines(original, changed)).toEqual(ours);
    for (const seed of [1, 2, 3]) expect(await compareLines(disguise(changed, seed), original)).toEqual(theirs);
  });
});

test("an operation of ours without any one of its properties has a difference", () => {
  const [ours, document] = [inline(ourDocument()), inline(ourDocument())];
  const ignored = /^(description|summary|tags|example|externalDocs|headers|x-typescript|period-duration)$/;
  const remove = (node: Json, path: string) => {
    for (const [key, value] of Object.entries(node).filter(([key]) => !ignored.test(key))) {
      if (!Array.isArray(node)) {
        delete node[key];
        expect(compareDocuments(document, ours).differences, `${path}/${key}`).not.toEqual([]);
        node[key] = value;
      }
      if (typeof value === "object") remove(value as Json, `${path}/${key}`);
    }
  };
  for (const item of Object.values(at(document, "paths"))) {
    for (const operation of Object.values(at(item))) remove(at(operation), "");
  }
});

const node = { $ref: "#/components/schemas/Node" };
const string = { type: "string" };
const nullable = { type: "string", nullable: true };
const object = (properties: Json = {}): Json => ({ type: "object", properties });
const nodeOf = (a: Json) => object({ a, next: node });
const recursive = (a: Json, schema: Json = node) => tiny(schema, {}, { Node: nodeOf(a) });
const newer = (schema: Json) => ({ ...tiny(schema), openapi: "3.1.0" });
const parameter = (more: Json = {}) =>
  tiny({}, { parameters: [{ name: "ids", in: "query", schema: string, ...more }] });
const withErrors = (schema: Json) => {
  const content = { "application/json": { schema } };
  return tiny({}, { responses: { 400: { content }, 200: { content }, 420: { content } } });
};

describe("compareDocuments", () => {
  const { paths } = parameter();
  const inherited = [{ name: "ids", in: "query", required: true, schema: { type: "integer" } }];
  const overridden = { ...tiny({}), paths: { "/things": { ...at(paths, "/things"), parameters: inherited } } };
  const merged = {
    type: "integer",
    minimum: 9,
    maximum: 9,
    enum: [2, 3, 4],
    allOf: [{ minimum: 10, enum: [3, 4, 5] }],
  };
  const tariffs = (more: Json) =>
    tiny({}, { "x-resource-limit-config": { none: { amount: 9, period: "hours" }, ...more } });
  const same = { amount: 9, period: "hours", "period-duration": 1 };
  const readOnly = object({ a: { allOf: [{ readOnly: true }, object({ b: string })] } });

  it.each<[string, Json, Json, ...string[]]>([
    ["knows the default style", parameter({ in: "cookie", style: "form", explode: true }), parameter({ in: "cookie" })],
    ["prefers the parameter of the operation", overridden, parameter()],
    ["ignores paid tariffs with the same quota", tariffs({ path: "resp", medium: same }), tariffs({})],
    ["ignores the order of alternatives", tiny({ oneOf: [string, object()] }), tiny({ oneOf: [object(), string] })],
    ["uses the strictest of an allOf", tiny(merged), tiny({ type: "integer", minimum: 10, maximum: 9, enum: [4, 3] })],
    ["reads a branch of null as nullable", newer({ anyOf: [{ type: "null" }, string] }), tiny(nullable)],
    ["reads null next to a type as nullable", newer({ type: ["null", "string"] }), tiny(nullable)],
    ["reads exclusive bounds", newer({ exclusiveMaximum: 3 }), tiny({ maximum: 3, exclusiveMaximum: true })],
    ["reads const as an enum", newer({ const: "A" }), tiny({ enum: ["A"] })],
    ["ignores null in an enum", tiny({ ...nullable, enum: ["A", null] }), tiny({ ...nullable, enum: ["A"] })],
    ["keeps a type of only null", newer({ type: "null" }), tiny({ type: "null" })],
    [
      "compares by meaning what it does not know",
      tiny({ not: node }, {}, { Node: { type: "string", title: "T" } }),
      tiny({ not: string }),
    ],
    ["merges statuses", withErrors(nullable), withErrors(string), "breaking: response 200, 400, 420: nullable added"],
    [
      "compares siblings of a $ref",
      tiny({ ...node, deprecated: true }, {}, { Node: string }),
      tiny(string),
      "documentation: response 200: deprecated added",
    ],
    [
      "accepts any field name",
      tiny(object({ constructor: string })),
      tiny(object()),
      "addition: response 200 › constructor: field added",
    ],
    [
      "hides what is in a read-only field",
      tiny({}, { requestBody: { content: { "application/json": { schema: readOnly } } } }),
      tiny({}, { requestBody: { content: { "application/json": { schema: object() } } } }),
    ],
    ["keeps a read-only item", parameter({ schema: { ...string, readOnly: true } }), parameter()],
    [
      "compares recursive schemas by meaning",
      tiny({ allOf: [nodeOf(string)] }, {}, { Node: { allOf: [nodeOf(string)] } }),
      recursive(string),
    ],
    [
      "ignores how many levels of a recursive schema are spelled out",
      recursive(string, nodeOf(string)),
      recursive(string),
    ],
    [
      "compares each level that is spelled out",
      recursive(nullable, nodeOf(string)),
      recursive(string),
      "breaking: response 200 › next › a: nullable added",
    ],
  ])("%s", async (_, theirs, ours, ...lines) => {
    expect(await compareLines(theirs, ours)).toEqual(lines);
  });

  it.each<[string, Json]>([
    ["an allOf with itself", { allOf: [node, string] }],
    ["a oneOf with itself", { oneOf: [node, string, { type: "array", items: node }] }],
    ["items of itself", { type: "array", items: node }],
    ["not itself", { not: node, type: "array" }],
    ["fields merged from itself", { allOf: [{ properties: { a: node } }, { properties: { a: node } }] }],
  ])("ends for a schema that is %s", async (_, Node) => {
    const document = tiny(node, {}, { Node });
    expect(await compareLines(document, document)).toEqual([]);
    expect(await compareLines(document, tiny({ type: "boolean" }))).not.toEqual([]);
    expect(await compareLines(tiny(object({ a: node }), {}, { Node }), tiny(object()))).toEqual([
      "addition: response 200 › a: field added",
    ]);
  });

  it("lists new operations with the same tag", async () => {
    const paths = {
      "/new": { post: { operationId: "addThing", tags: ["things"] } },
      "/else": { get: { tags: ["else"] } },
    };
    const theirs = { ...tiny({}), paths: { ...at(tiny({}), "paths"), ...paths } };
    expect(await compare(theirs, tiny({}))).toMatchObject({ differences: [], others: ["addThing (POST /new)"] });
    expect((await compare(theirs, theirs)).others).toEqual([]);
  });
});

const accepting = (document: Json, ...entries: Json[]): Json => ({ ...document, "x-accepted-drift": entries });

describe("an accepted difference", () => {
  const fields = tiny(object({ a: { ...object({ c: { enum: ["B", "A"] } }), required: ["c"], minProperties: 1 } }));
  const content = "minProperties 1, type object; c: enum A | B, required";
  const moved = { ...tiny({}), paths: { "/v2": { get: at(tiny({}), "paths", "/things", "get") } } };
  it.each<[string, Json, Json]>([
    ["getThing › response 200 › a: nullable added", tiny(object({ a: nullable })), tiny(object({ a: string }))],
    [`getThing › response 200 › a: field added: ${content}`, fields, tiny(object())],
    [`getThing › response 200 › a: field removed: ${content}`, tiny(object()), fields],
    ["getThing › response 200: type: string -> boolean", tiny({ type: "boolean" }), tiny(string)],
    ["getThing: moved: GET /things -> GET /v2", moved, tiny({})],
    [
      "getThing: quota added: 5 per 2 hours | 6 per hour (medium) | for each of items",
      tiny(
        {},
        {
          "x-resource-limit-config": {
            path: "items",
            medium: { amount: 6, period: "hours" },
            none: { amount: 5, period: "hours", "period-duration": 2 },
          },
        },
      ),
      tiny({}),
    ],
    [
      "getThing: security added: apiKey (in header, name Key)",
      {
        ...tiny({}),
        security: [{ A: [] }],
        components: { securitySchemes: { A: { type: "apiKey", name: "Key", in: "header", description: "A key." } } },
      },
      tiny({}),
    ],
    ["getThing: security added: none needed", { ...tiny({}), security: [{}] }, tiny({})],
    [
      "getThing › response 200, 400, 420 › a: nullable added",
      withErrors(object({ a: nullable })),
      withErrors(object({ a: string })),
    ],
    ["getThing › response 200, 404: nullable added", tiny(nullable), tiny(string)],
  ])("has the wording of the report: %s", async (line, theirs, ours) => {
    const report = await compare(theirs, accepting(ours, { reason: "Why.", lines: [line] }));
    expect(report).toMatchObject({ differences: [], accepted: [{ reason: "Why." }], stale: [] });
  });

  it("is stale, and accepts nothing, if any word differs", async () => {
    const [line, other] = ["getThing: quota added: 5 per hour", "getThing: quota added: 6 per hour"];
    const theirs = tiny({}, { "x-resource-limit-config": { none: { amount: 6, period: "hours" } } });
    const report = await compare(theirs, accepting(tiny({}), { reason: "Why.", lines: [line] }));
    expect(report).toMatchObject({ differences: [{ line: other }], accepted: [], stale: [{ line, reason: "Why." }] });
  });

  it.each<Json>([{ lines: ["a"] }, { reason: "Why." }, { reason: "Why.", lines: [] }])(
    "needs a reason and lines, unlike %j",
    async (entry) => {
      const error = new SpecificationError("x-accepted-drift: an entry needs a reason, and lines of the report");
      await expect(compare(tiny({}), accepting(tiny({}), entry))).rejects.toThrow(error);
    },
  );
});

describe("a published document", () => {
  const directory = mkdtempSync(join(tmpdir(), "drift test "));
  const ours = ourDocument();
  const file = (name: string, content: string | Json) => {
    writeFileSync(join(directory, name), typeof content === "string" ? content : stringifyYaml(content));
    return join(directory, name);
  };
  const ourFile = file("ours.yaml", ours);
  const split = writeSplit(disguise(inline(ours), 4), join(directory, "split"));
  const json = file("one.json", JSON.stringify(disguise(inline(ours), 5), null, "\t"));
  let server: MarketServer;
  let origin: string;
  beforeAll(async () => {
    server = await startMarketServer();
    origin = server.baseUrl;
    for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" }).filter(extname)) {
      const body = readFileSync(join(directory, name), "utf8");
      const when: FaultMatch["when"] = ({ path }) => join(decodeURIComponent(path.slice(1))) === name;
      server.queueFault({ kind: "body", body }, { when, times: Infinity });
    }
    server.queueFault({ kind: "delay", milliseconds: 60_000 }, { when: ({ path }) => path === "/hangs.yaml" });
  });
  afterAll(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });
  const readAndCompare = async (location: string) => compareDocuments(await readDocument(location, 10), inline(ours));

  it("can be one file or many, YAML or JSON, local or over HTTP", async () => {
    for (const location of [split, json, ourFile, `${origin}/split/openapi.yaml`, `${origin}/one.json`]) {
      expect((await readAndCompare(location)).differences, location).toEqual([]);
    }
  });

  it("may have an unresolved $ref outside of our operations", async () => {
    const broken = clone(ours);
    at(broken, "components", "schemas").Unused = { $ref: "./not-there.yaml" };
    expect((await readAndCompare(file("broken.yaml", broken))).differences).toEqual([]);
  });

  it.each<[string, () => string, RegExp]>([
    ["a missing file", () => join(directory, "none.yaml"), /none\.yaml: no such file$/],
    ["a folder", () => directory, /received a folder/],
    ["plain text", () => file("text.yaml", "hello"), /text\.yaml: expected an OpenAPI 3 .*, found something else$/],
    ["Swagger 2", () => file("2.yaml", "swagger: '2.0'\npaths: {}"), /expected .* OpenAPI 3 .*, found Swagger 2\.0$/],
    ["a future version", () => file("4.yaml", "openapi: 3.9.0\npaths: {}"), /Unsupported OpenAPI version: 3\.9\.0$/],
    ["broken YAML", () => file("cut.yaml", "openapi: '3.0"), /cut\.yaml: unexpected end of the stream/],
    [
      "no operation",
      () => file("empty.yaml", "openapi: 3.0.3\npaths: {}"),
      /^operation getChats is gone, and no other is at POST \/v2/,
    ],
    ["an unresolved $ref", () => file("r.yaml", "openapi: 3.0.3\npaths: { /a: { $ref: b } }"), /\$ref "b"$/],
    ["an unresolved anchor", () => file("x.yaml", "openapi: 3.0.3\npaths: { /a: { $ref: '#/x' } }"), /\$ref "#\/x"$/],
    ["a missing page", () => `${origin}/none.yaml`, /none\.yaml: .*404/],
    ["a missing server", () => "http://127.0.0.1:9/openapi.yaml", /fetch failed/],
    ["plain HTTP", () => "http://example.com/openapi.yaml", /only https is allowed, or http on localhost$/],
  ])("is rejected with a message of one line: %s", async (_, location, message) => {
    const error: unknown = await readAndCompare(location()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SpecificationError);
    expect(error).toHaveProperty("message", expect.stringMatching(message));
    expect(error).toHaveProperty("message", expect.not.stringContaining("\n"));
  });

  describe("npm run drift", { timeout: 60_000 }, () => {
    const run = (...args: string[]) => runScript("scripts/drift.ts", args);
    const lines = ["getChat › query › chatId: nullable added", "getChat › query › chatId: maximum added: 5"];
    const accepted = file("accepted.yaml", accepting(ours, { reason: "It never is.", lines }));
    const theirs = clone(ours);
    Object.assign(at(theirs, "components", "parameters", "ChatId", "schema"), { nullable: true });
    Object.assign(at(theirs, "components", "parameters", "Limit", "schema"), { minimum: 2, maximum: 50 });
    Object.assign(at(theirs, "paths"), { "/new": { get: { tags: ["chats"] } } });
    at(theirs, "paths", "/v2/businesses/{businessId}/chat", "get").deprecated = true;
    file("theirs.yaml", theirs);

    it("exits with 0 if there are no differences", async () => {
      const stdout = "0 differences: 0 breaking, 0 addition, 0 documentation, 0 accepted, 0 stale\n";
      expect(await run(split, "--specification", ourFile)).toEqual({ code: 0, stdout, stderr: "" });
    });

    it("exits with 1 and lists the differences", async () => {
      const { code, stdout, stderr } = await run(`${origin}/theirs.yaml`, "--specification", accepted);
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
      expect(stdout).toMatchInlineSnapshot(`
        "breaking       getChats › query › limit: minimum: 1 -> 2
        addition       getChats › query › limit: maximum: 20 -> 50
        documentation  getChat: deprecated added
        accepted       getChat › query › chatId: nullable added (It never is.)
        stale          getChat › query › chatId: maximum added: 5 (It never is.)
        Stale: there is no such difference. Remove the line from x-accepted-drift.
        Published with the same tag, not compared: GET /new (GET /new).
        3 differences: 1 breaking, 1 addition, 1 documentation, 1 accepted, 1 stale
        "
      `);
    });

    it("exits with 1 if an accepted difference is gone, and prints JSON on request", async () => {
      const { code, stdout } = await run(ourFile, "--json", "--specification", accepted);
      const stale = lines.map((line) => ({ line, reason: "It never is." }));
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toEqual({
        operations: ["getChats", "getChat"],
        differences: [],
        accepted: [],
        stale,
        others: [],
      });
    });

    it("exits with 2 and one line if a document cannot be read in time, or is invalid", async () => {
      const { code, stdout, stderr } = await run(`${origin}/hangs.yaml`, "--timeout", "0.2");
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^http:[^\n]*hangs\.yaml: no response within 0\.2 s\n$/);
    });

    it("prints its usage for --help and for invalid arguments", async () => {
      const none = await run();
      expect(none).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(/^Usage: [^\n]*\n$/) });
      expect(await run("a.yaml", "--colour")).toEqual(none);
      expect(await run("--help")).toEqual({ code: 0, stdout: none.stderr, stderr: "" });
    });
  });
});
