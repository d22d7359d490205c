import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { stringifyYaml } from "@redocly/openapi-core";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { compareDocuments } from "../scripts/drift/compare.js";
import { readPublished } from "../scripts/drift/document.js";
import { readSpecification, SpecificationError, specificationPath } from "../scripts/specification.js";
import { type FaultMatch, type MarketServer, startMarketServer } from "../src/testing/index.js";
import { at, clone, disguise, inline, type Json, ourDocument, tiny, writeSplit } from "./drift/documents.js";
import { changes } from "./drift/changes.js";
import { runScript } from "./support/cli.js";

/** The report as sorted lines, such as `breaking: query › ids: style` and `accepted: a: nullable (reason)`. */
function compareLines(theirs: Json, ours: Json): string[] {
  const { differences, accepted, stale } = compareDocuments(theirs, ours);
  const entries = [
    ...accepted.map((line) => ({ ...line, class: "accepted" })),
    ...stale.map((line) => ({ ...line, class: "stale" })),
  ].map((line) => ({ ...line, what: `${line.what} (${line.reason})` }));
  return [...differences, ...entries]
    .map((line) => `${line.class}: ${[line.operation, ...line.where].join(" › ")}: ${line.what}`)
    .map((line) => line.replace(/getThing( › response 200)?(: | › )/, "")) // where tiny documents have everything
    .sort();
}

test("documents with the same meaning have no differences", () => {
  const ours = ourDocument();
  const property = fc.property(fc.nat(), (seed) => {
    const disguised = disguise(inline(ours), seed);
    expect(compareLines(disguised, ours)).toEqual([]);
    expect(compareLines(ours, disguised)).toEqual([]);
  });
  fc.assert(property, { numRuns: 30 });
});

describe("a document with one change", () => {
  it.each(changes)("has only the expected differences: $change", ({ changed, original, theirs, ours }) => {
    expect(compareLines(changed, original)).toEqual(theirs);
    expect(compareLines(original, changed)).toEqual(ours);
    for (const seed of [1, 2, 3, 4, 5]) expect(compareLines(disguise(changed, seed), original)).toEqual(theirs);
  });
});

test("an operation of ours without any one of its properties has a difference", () => {
  const ours = ourDocument();
  const document = inline(ours);
  const annotations = /^(description|summary|tags|example|externalDocs|headers|x-typescript|period-duration)$/;
  const remove = (node: Json, path: string) => {
    for (const [key, value] of Object.entries(node).filter(([key]) => !annotations.test(key))) {
      if (!Array.isArray(node)) {
        delete node[key];
        expect(compareLines(document, ours), `${path}/${key}`).not.toEqual([]);
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
const object = (properties: Json = {}): Json => ({ type: "object", properties });
const field = (a: Json, others: Json = {}) => object({ a, ...others });
const string = { type: "string" };
const nullableString = { type: "string", nullable: true };
const nodeOf = (a: Json) => field(a, { next: node });
const recursive = (a: Json, schema: Json = node) => tiny(schema, {}, { Node: nodeOf(a) });
const parameter = (more: Json = {}) =>
  tiny({}, { parameters: [{ name: "ids", in: "query", schema: string, ...more }] });
const csv = (maxLength: number) => parameter({ content: { "text/csv": { schema: { maxLength } } } });
const withErrors = (schema: Json) => {
  const content = { "application/json": { schema } };
  return tiny({}, { responses: { "400": { content }, "200": { content }, "420": { content } } });
};
const text = { $ref: "#/components/schemas/Text" };
const withText = (schema: Json, more: Json = {}) => ({
  ...tiny(schema, {}, { Text: { type: "string", description: "text" } }),
  ...more,
});
const merged = { type: "integer", minimum: 2, maximum: 9, enum: [2, 3, 4], allOf: [{ minimum: 3, enum: [3, 4, 5] }] };

describe("compareDocuments", () => {
  const other = { allOf: [{ $ref: "#/components/schemas/Other" }] };
  const indirect = tiny({ allOf: [nodeOf(string)] }, {}, { Node: other, Other: nodeOf(string) });
  it.each<[string, Json, Json, ...string[]]>([
    ["knows the default style", parameter({ in: "cookie", style: "form", explode: true }), parameter({ in: "cookie" })],
    ["compares recursive schemas by meaning", indirect, recursive(string)],
    ["ignores the order of alternatives", tiny({ oneOf: [string, object()] }), tiny({ oneOf: [object(), string] })],
    ["uses the strictest of an allOf", tiny(merged), tiny({ type: "integer", minimum: 3, maximum: 9, enum: [4, 3] })],
    ["reads anyOf with null as nullable", tiny({ anyOf: [{ type: "null" }, string] }), tiny(nullableString)],
    ["merges statuses", withErrors(nullableString), withErrors(string), "breaking: response 200, 400, 420: nullable"],
    ["compares the media type of a parameter", csv(3), csv(4), "breaking: query › ids › text/csv: maxLength"],
    [
      "compares recursive schemas on every level",
      recursive(nullableString, nodeOf(string)),
      recursive(string),
      "breaking: next › a: nullable",
    ],
    [
      "compares the siblings of a $ref other than its description",
      withText({ ...text, description: "other", deprecated: true }),
      withText(text),
      "documentation: deprecated",
    ],
    [
      "accepts any field name",
      tiny(object({ constructor: string })),
      tiny(object()),
      "addition: constructor: field added",
    ],
  ])("%s", (_, theirs, ours, ...lines) => {
    expect(compareLines(theirs, ours)).toEqual(lines);
  });

  it("reports a difference for every operation and place that has it", () => {
    const kind = { $ref: "#/components/schemas/Kind" };
    const content = { "application/json": { schema: { type: "array", items: kind } } };
    const withKinds = (...values: string[]) => {
      const document = tiny(kind, {}, { Kind: { enum: values } });
      const post = { operationId: "addThing", requestBody: { content }, responses: { "200": { content } } };
      return { ...document, paths: { ...at(document, "paths"), "/more": { post } } };
    };
    expect(compareLines(withKinds("A", "B", "C"), withKinds("A", "B", "D"))).toEqual([
      "addition: addThing › request › items: enum value added",
      "addition: addThing › response 200 › items: enum value added",
      "addition: enum value added",
      "breaking: addThing › request › items: enum value removed",
      "documentation: addThing › response 200 › items: enum value removed",
      "documentation: enum value removed",
    ]);
  });

  const tags = { type: "array", items: { enum: ["B", "A"] } };
  it.each<[string, Json, Json, Json]>([
    [
      "the content of a new field",
      tiny(field({ ...field({ type: "integer", minimum: 1 }, { tags }), required: ["a"] })),
      tiny(object()),
      { theirs: "object { a integer (minimum 1, required), tags array { items (enum value A | B) } }" },
    ],
    [
      "the names of a renamed parameter with an alias",
      parameter({ name: "pageToken", "x-aliases": ["pageToken", "ids"] }),
      parameter(),
      { what: "name", theirs: "pageToken (also ids)", ours: "ids", class: "documentation" },
    ],
    [
      "the addresses of a moved operation with the same ID",
      { ...tiny({}), paths: { "/v2/things": { post: at(tiny({}), "paths", "/things", "get") } } },
      tiny({}),
      { operation: "getThing", where: [], what: "moved", theirs: "POST /v2/things", ours: "GET /things" },
    ],
  ])("reports %s", (_, theirs, ours, difference) => {
    expect(compareDocuments(theirs, ours).differences).toMatchObject([difference]);
  });

  it.each<[string, Json]>([
    ["a $ref to itself", node],
    ["an allOf with itself", { allOf: [node, { type: "string" }] }],
    ["a oneOf with itself", { oneOf: [{ type: "string" }, { type: "array", items: node }] }],
    ["items of itself", { type: "array", items: node }],
    ["fields merged from itself", { allOf: [{ properties: { a: node } }, { properties: { a: node } }] }],
  ])("ends for a schema that is %s", (_, Node) => {
    const document = tiny(node, {}, { Node });
    expect(compareLines(document, document)).toEqual([]);
    expect(compareLines(document, tiny({ type: "boolean" }))).not.toEqual([]);
    expect(compareLines(tiny({ type: "boolean" }), document)).not.toEqual([]);
    const added = ["addition: a: field added"];
    expect(compareLines(tiny(field(node), {}, { Node }), tiny(object()))).toEqual(added);
  });

  it("throws when an operation is missing", () => {
    const error = new SpecificationError("operation getThing is gone, and no other is at GET /things");
    expect(() => compareDocuments({ openapi: "3.0.3", paths: {} }, tiny({}))).toThrow(error);
  });

  it("lists new operations with the same tag", () => {
    const theirs = tiny({});
    Object.assign(at(theirs, "paths"), {
      "/things/new": { post: { operationId: "addThing", tags: ["things"] } },
      "/else": { post: { operationId: "addElse", tags: ["else"] } },
    });
    expect(compareDocuments(theirs, tiny({}))).toMatchObject({
      differences: [],
      others: ["addThing (POST /things/new)"],
    });
    expect(compareDocuments(theirs, theirs).others).toEqual([]);
  });
});

const accepting = (schema: Json, ...entries: Json[]): Json => ({ ...schema, "x-accepted-drift": entries });
const quota = (amount: number) => ({ "x-resource-limit-config": { none: { amount, period: "hours" } } });

describe("an accepted difference", () => {
  const nullable = { what: "nullable", theirs: true, reason: "never null" };
  const required = { at: "b", what: "required field added", theirs: "(required)", reason: "unused" };
  const removed = { what: "enum value removed", ours: "B", reason: "still sent" };
  const acceptingQuota = tiny({}, accepting(quota(9), { what: "quota", theirs: "5 per hour", reason: "measured" }));
  const top = { what: "server added", theirs: "https://b", reason: "internal" };
  const anywhere = withText(accepting(field(accepting(text, nullable)), required), accepting({}, top));

  it.each<[string, Json, Json, ...string[]]>([
    [
      "is listed with its reason, and only where the entry is",
      tiny(field(nullableString, { b: nullableString })),
      tiny(field(accepting(string, nullable), { b: string })),
      "accepted: a: nullable (never null)",
      "breaking: b: nullable",
    ],
    ["has a value", tiny({}, quota(5)), acceptingQuota, "accepted: quota (measured)"],
    [
      "is void for another value",
      tiny({}, quota(6)),
      acceptingQuota,
      "documentation: quota",
      "stale: quota (measured)",
    ],
    ["is stale without a difference", tiny(string), tiny(accepting(string, nullable)), "stale: nullable (never null)"],
    [
      "can be next to a $ref, at the top, or above a part that only they have",
      tiny({ ...field(nullableString), required: ["b"] }, { servers: [{ url: "https://b" }] }),
      anywhere,
      "accepted: a: nullable (never null)",
      "accepted: b: required field added (unused)",
      "accepted: server added (internal)",
    ],
    [
      "has our value if they have none",
      tiny({ enum: ["B"] }),
      tiny(accepting({ enum: ["A", "B", "C"] }, removed, { ...removed, ours: "C" })),
      "accepted: enum value removed (still sent)",
      "documentation: enum value removed",
      "stale: enum value removed (still sent)",
    ],
    [
      "is not stale when its field is removed",
      tiny(object()),
      tiny(field(accepting(string, nullable))),
      "breaking: a: field removed",
    ],
  ])("%s", (_, theirs, ours, ...lines) => {
    expect(compareLines(theirs, ours)).toEqual(lines);
  });

  const place = "x-accepted-drift at";
  it.each<Json>([
    { what: "nullable", theirs: true },
    { what: "nullable", reason: "Because." },
    { theirs: true, reason: "Because." },
  ])("needs what, a reason and a value, unlike %j", (entry) => {
    const error = `${place} getThing › response 200: an entry needs what, reason, and theirs or ours`;
    expect(() => compareDocuments(tiny({}), tiny(accepting({}, entry)))).toThrow(new SpecificationError(error));
  });

  it("has to be where something is compared", () => {
    const ours = tiny({}, {}, { Unused: accepting({}, nullable) });
    const error = `${place} components › schemas › Unused: nothing is compared there`;
    expect(() => compareDocuments(tiny({}), ours)).toThrow(new SpecificationError(error));
  });

  it("is valid everywhere in openapi/chats.yaml", async () => {
    const { document } = await readSpecification(specificationPath);
    expect(compareDocuments({ ...document }, { ...document }).differences).toEqual([]);
  });
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
  const readAndCompare = async (location: string) => compareLines({ ...(await readPublished(location, 10)) }, ours);

  it("can be one file or many, YAML or JSON, local or over HTTP", async () => {
    for (const location of [split, json, ourFile, `${origin}/split/openapi.yaml`, `${origin}/one.json`]) {
      expect(await readAndCompare(location), location).toEqual([]);
    }
  });

  it("may have an unresolved $ref outside of our operations", async () => {
    const broken = clone(ours);
    at(broken, "components", "schemas").Unused = { $ref: "./not-there.yaml" };
    expect(await readAndCompare(file("broken.yaml", broken))).toEqual([]);
  });

  it.each<[string, () => string, RegExp]>([
    ["a missing file", () => join(directory, "none.yaml"), /none\.yaml: no such file$/],
    ["a folder", () => directory, /received a folder/],
    ["plain text", () => file("text.yaml", "hello"), /text\.yaml: expected an OpenAPI 3 .*, found something else$/],
    ["Swagger 2", () => file("2.yaml", "swagger: '2.0'\npaths: {}"), /expected .* OpenAPI 3 .*, found Swagger 2\.0$/],
    ["a future version", () => file("4.yaml", "openapi: 3.9.0\npaths: {}"), /Unsupported OpenAPI version: 3\.9\.0$/],
    ["broken YAML", () => file("cut.yaml", "openapi: '3.0"), /cut\.yaml: unexpected end of the stream/],
    ["no operation", () => file("empty.yaml", "openapi: 3.0.3\npaths: {}"), /^operation \w+ is gone/],
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
    const changed = clone(ours);
    const theirs = clone(ours);
    const chatId = { ...at(ours, "components", "parameters", "ChatId", "schema") };
    const nullable = { what: "nullable", theirs: true, reason: "It never is." };
    const maximum = { what: "maximum", theirs: 5, reason: "It was." };
    at(changed, "components", "parameters", "ChatId").schema = accepting(chatId, nullable, maximum);
    Object.assign(at(theirs, "components", "parameters", "ChatId"), { schema: { ...chatId, nullable: true } });
    Object.assign(at(theirs, "components", "parameters", "Limit", "schema"), { minimum: 2, maximum: 50 });
    at(theirs, "paths", "/v2/businesses/{businessId}/chat", "get").deprecated = true;
    const changedFile = file("changed.yaml", changed);
    file("theirs.yaml", theirs);

    it("exits with 0 if there are no differences", async () => {
      const stdout: unknown = expect.stringMatching(/^(\w+\n {2}no differences\n\n)+0 differences .*\n$/);
      expect(await run(split, "--specification", ourFile)).toEqual({ code: 0, stdout, stderr: "" });
    });

    it("exits with 1 and lists the differences", async () => {
      const { code, stdout, stderr } = await run(`${origin}/theirs.yaml`, "--specification", changedFile);
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
      expect(stdout).toMatchInlineSnapshot(`
        "getChats
          breaking       query › limit: minimum, theirs: 2, ours: 1
          addition       query › limit: maximum, theirs: 50, ours: 20

        getChat
          documentation  (operation): deprecated, theirs: true, ours: false
          stale          query › chatId: maximum, theirs: 5, ours: — (It was.)
          accepted       query › chatId: nullable, theirs: true, ours: false (It never is.)

        Stale: there is no such difference. Remove the entry from x-accepted-drift.
        3 differences (1 breaking, 1 addition, 1 documentation), 1 accepted, 1 stale
        "
      `);
    });

    it("exits with 1 if an accepted difference is gone, and prints JSON on request", async () => {
      const { code, stdout } = await run(ourFile, "--json", "--specification", changedFile);
      expect(code).toBe(1);
      const report: unknown = JSON.parse(stdout);
      const operations = ["getChats", "getChat"];
      const stale = [nullable, maximum];
      expect(report).toMatchObject({ operations, differences: [], accepted: [], stale, others: [] });
    });

    it("exits with 2 and one line if the document cannot be read in time", async () => {
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
