import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringifyYaml } from "@redocly/openapi-core";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { compareDocuments, type Report } from "../scripts/drift/compare.js";
import { readPublished } from "../scripts/drift/document.js";
import { readSpecification, SpecificationError, specificationPath } from "../scripts/specification.js";
import { at, clone, disguise, inline, type Json, ourDocument, tiny, writeSplit } from "./drift/documents.js";
import { mutate, mutationsOf } from "./drift/mutations.js";
import { runScript } from "./support/cli.js";

/** The differences as `breaking: getChats › request › contexts: nullable`, sorted. */
function linesOf({ differences }: Report): string[] {
  return differences
    .map((line) => `${line.class}: ${[line.operation, ...line.where].join(" › ")}: ${line.what}`)
    .sort();
}

const compareLines = (theirs: Json, ours: Json) => linesOf(compareDocuments(theirs, ours));

/** Our document, with the scopes that it may state but does not. */
function richDocument(): Json {
  const document = ourDocument();
  operationsOf(document).forEach((operation) => (operation["x-auth-scopes"] = ["communication"]));
  return document;
}

function operationsOf(document: Json): Json[] {
  return Object.values(at(document, "paths")).flatMap((item) => Object.values(at(item)).map((node) => at(node)));
}

test("documents with the same meaning have no differences", () => {
  const ours = richDocument();
  const property = fc.property(fc.nat(), (seed) => {
    const disguised = disguise(inline(ours), seed);
    expect(compareLines(disguised, ours)).toEqual([]);
    expect(compareLines(ours, disguised)).toEqual([]);
  });
  fc.assert(property, { numRuns: 30 });
});

describe("a document with one change", () => {
  const ours = richDocument();
  // The error responses have the same schema: one of them is enough.
  for (const { responses } of operationsOf(ours)) {
    const statuses = Object.keys(at(responses)).filter((status) => !["200", "400"].includes(status));
    statuses.forEach((status) => delete at(responses)[status]);
  }
  const document = inline(ours);
  const mutations = mutationsOf(document);
  const kinds = [...new Set(mutations.map(({ kind }) => kind))];

  it("is covered by many kinds of change", () => {
    expect(kinds.length).toBeGreaterThan(80);
    expect(mutations.length).toBeGreaterThan(1000);
    expect(mutations.filter((mutation) => mutation.theirs.length === 0 || mutation.ours.length === 0)).toEqual([]);
  });

  it.each(kinds)("has only the expected differences: %s", (kind) => {
    const own = mutations.filter((mutation) => mutation.kind === kind);
    for (const [index, mutation] of own.entries()) {
      const { name, theirs, ours: our } = mutation;
      const changed = mutate(document, mutation);
      // A disguise takes longer than the comparison, so only every fourth document has one.
      const published = index % 4 === 0 ? disguise(changed, index) : changed;
      expect(compareLines(published, document), `${name}, in theirs`).toEqual([...theirs].sort());
      expect(compareLines(document, changed), `${name}, in ours`).toEqual([...our].sort());
    }
  });
});

const node = { $ref: "#/components/schemas/Node" };
const nodeOf = (more: Json = {}) => field({ type: "string", ...more }, { next: node });
const field = (a: Json, others: Json = {}): Json => ({ type: "object", properties: { a, ...others } });
const choice = (...types: string[]) => tiny({ oneOf: types.map((type) => ({ type })) });
const parameter = (more: Json = {}) =>
  tiny({}, { parameters: [{ name: "ids", in: "query", schema: { type: "string" }, ...more }] });
const csv = (maxLength: number) => parameter({ content: { "text/csv": { schema: { maxLength } } } });
const withErrors = (schema: Json) => {
  const content = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  return tiny({}, { responses: { "400": { content }, "200": { content }, "420": { content } } }, { Error: schema });
};
const text = { Text: { type: "string", description: "text" } };
const besideRef = (more: Json) => tiny(field({ $ref: "#/components/schemas/Text", ...more }), {}, text);
const merged = { type: "integer", minimum: 2, maximum: 9, enum: [2, 3, 4], allOf: [{ minimum: 3, enum: [3, 4, 5] }] };
const string = { type: "string" };
const nullableString = { type: "string", nullable: true };

describe("compareDocuments", () => {
  const other = { allOf: [{ $ref: "#/components/schemas/Other" }] };
  const recursive = tiny({ allOf: [nodeOf()] }, {}, { Node: other, Other: nodeOf() });
  it.each<[string, Json, Json, ...string[]]>([
    ["knows the default style", parameter({ in: "cookie", style: "form", explode: true }), parameter({ in: "cookie" })],
    ["compares recursive schemas by meaning", recursive, tiny(node, {}, { Node: nodeOf() })],
    ["ignores the order of alternatives", choice("integer", "string"), choice("string", "integer")],
    ["uses the strictest of an allOf", tiny(merged), tiny({ type: "integer", minimum: 3, maximum: 9, enum: [4, 3] })],
    ["reads anyOf with null as nullable", tiny({ anyOf: [{ type: "null" }, string] }), tiny(nullableString)],
    [
      "merges differences that several statuses have",
      withErrors(nullableString),
      withErrors(string),
      "breaking: getThing › response 200, 400, 420: nullable",
    ],
    [
      "compares the media type of a parameter",
      csv(3),
      csv(4),
      "breaking: getThing › query › ids › text/csv: maxLength",
    ],
    [
      "compares recursive schemas on every level",
      tiny(nodeOf(), {}, { Node: nodeOf({ nullable: true }) }),
      tiny(node, {}, { Node: nodeOf() }),
      "breaking: getThing › response 200 › next › a: nullable",
    ],
    [
      "reports an added alternative",
      choice("integer", "string", "boolean"),
      choice("string", "integer"),
      "breaking: getThing › response 200: alternative added",
    ],
    [
      "compares the siblings of a $ref other than its description",
      besideRef({ description: "other", deprecated: true }),
      besideRef({}),
      "documentation: getThing › response 200 › a: deprecated",
    ],
    [
      "compares a field with the name of an inherited property",
      tiny({ type: "object", properties: { constructor: string } }),
      tiny({ type: "object" }),
      "addition: getThing › response 200 › constructor: field added",
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
      "addition: getThing › response 200: enum value added",
      "breaking: addThing › request › items: enum value removed",
      "documentation: addThing › response 200 › items: enum value removed",
      "documentation: getThing › response 200: enum value removed",
    ]);
  });

  const tags = { type: "array", items: { enum: ["B", "A"] } };
  it.each<[string, Json, Json, Json]>([
    [
      "both values",
      tiny({ type: "string", maxLength: 5 }),
      tiny({ type: "string", maxLength: 7 }),
      { operation: "getThing", where: ["response 200"], what: "maxLength", theirs: 5, ours: 7, class: "addition" },
    ],
    [
      "the content of a new field",
      tiny(field({ ...field({ type: "integer", minimum: 1 }, { tags }), required: ["a"] })),
      tiny({ type: "object" }),
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
      { where: [], what: "moved", theirs: "POST /v2/things", ours: "GET /things", class: "breaking" },
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
    const added = ["addition: getThing › response 200 › a: field added"];
    expect(compareLines(tiny(field(node), {}, { Node }), tiny({ type: "object" }))).toEqual(added);
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

describe("an accepted difference", () => {
  const nullable = { what: "nullable", theirs: true, reason: "It never is." };
  const quota = (amount: number) => ({
    "x-resource-limit-config": { none: { amount, period: "hours", "period-duration": 1 } },
  });

  it("is listed with its reason, and only where the entry is", () => {
    const theirs = tiny(field(nullableString, { b: nullableString }));
    const report = compareDocuments(theirs, tiny(field(accepting(string, nullable), { b: string })));
    expect(linesOf(report)).toEqual(["breaking: getThing › response 200 › b: nullable"]);
    expect(report.stale).toEqual([]);
    expect(report.accepted).toEqual([
      { operation: "getThing", where: ["response 200", "a"], class: "breaking", ours: false, ...nullable },
    ]);
  });

  it("is stale when their value changes", () => {
    const entry = { what: "quota", theirs: "5000 per hour", reason: "The page says so." };
    const ours = tiny({}, accepting(quota(10_000), entry));
    expect(compareDocuments(tiny({}, quota(5000)), ours)).toMatchObject({ differences: [], stale: [] });
    const { differences, stale, accepted } = compareDocuments(tiny({}, quota(6000)), ours);
    expect(differences).toMatchObject([{ what: "quota", theirs: "6000 per hour" }]);
    expect(stale).toMatchObject([entry]);
    expect(accepted).toEqual([]);
  });

  it("is stale when the difference is gone", () => {
    const report = compareDocuments(tiny(string), tiny(accepting(string, nullable)));
    expect(report).toMatchObject({ differences: [], accepted: [] });
    expect(report.stale).toEqual([{ operation: "getThing", where: ["response 200"], ours: undefined, ...nullable }]);
  });

  it("can be next to a $ref, at the top, or above a part that only they have", () => {
    const required = { at: "b", what: "required field added", theirs: "(required)", reason: "Unused." };
    const theirs = tiny({ ...field(nullableString), required: ["b"] }, { servers: [{ url: "https://b" }] });
    const beside = accepting({ $ref: "#/components/schemas/Text" }, nullable);
    const ours = {
      ...tiny(accepting(field(beside), required), {}, text),
      "x-accepted-drift": [{ what: "server added", theirs: "https://b", reason: "Internal." }],
    };
    const report = compareDocuments(theirs, ours);
    expect(report).toMatchObject({ differences: [], stale: [] });
    expect(report.accepted.map(({ reason }) => reason)).toEqual(["Internal.", "It never is.", "Unused."]);
  });

  it("has our value if they have none", () => {
    const removed = { what: "enum value removed", ours: "B", reason: "It still comes." };
    const ours = tiny(accepting({ enum: ["A", "B"] }, removed));
    const report = compareDocuments(tiny({ enum: ["A"] }), ours);
    expect(report).toMatchObject({ differences: [], stale: [], accepted: [removed] });
    expect(compareLines(tiny({ enum: ["B"] }), ours)).toEqual([
      "documentation: getThing › response 200: enum value removed",
    ]);
  });

  it("is not stale when its field is removed", () => {
    const report = compareDocuments(tiny({ type: "object" }), tiny(field(accepting(string, nullable))));
    expect(linesOf(report)).toEqual(["breaking: getThing › response 200 › a: field removed"]);
    expect(report.stale).toEqual([]);
  });

  it.each<Json>([
    { what: "nullable", theirs: true },
    { what: "nullable", reason: "Because." },
    { theirs: true, reason: "Because." },
  ])("needs what, a reason and a value, unlike %j", (entry) => {
    const place = "x-accepted-drift at getThing › response 200";
    const error = new SpecificationError(`${place}: an entry needs what, reason, and theirs or ours`);
    expect(() => compareDocuments(tiny({}), tiny(accepting({}, entry)))).toThrow(error);
  });

  it("has to be where something is compared", () => {
    const place = "x-accepted-drift at components › schemas › Unused";
    const ours = tiny({}, {}, { Unused: accepting({}, nullable) });
    expect(() => compareDocuments(tiny({}), ours)).toThrow(`${place}: nothing is compared there`);
  });

  it("is valid everywhere in openapi/chats.yaml", async () => {
    const specification = { ...(await readSpecification(specificationPath)).document };
    expect(compareLines(specification, specification)).toEqual([]);
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
  const server = createServer(({ url = "" }, response) => {
    if (url !== "/hangs.yaml") {
      const path = join(directory, decodeURIComponent(url));
      try {
        response.end(readFileSync(path));
      } catch {
        response.writeHead(404).end("<html>");
      }
    }
  });
  let origin = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true });
  });
  const readAndCompare = async (location: string) => compareLines({ ...(await readPublished(location, 10)) }, ours);

  it("can be one file or many, YAML or JSON, local or over HTTP", async () => {
    const json = file("one.json", JSON.stringify(disguise(inline(ours), 5), null, "\t"));
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
