import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringifyYaml } from "@redocly/openapi-core";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { compareDocuments, type Report } from "../scripts/drift/compare.js";
import { readPublished } from "../scripts/drift/document.js";
import { readSpecification, SpecificationError, specificationPath } from "../scripts/specification.js";
import { at, clone, disguise, inline, type Json, ourDocument, writeSplit } from "./drift/documents.js";
import { mutationsOf } from "./drift/mutations.js";

// The command line takes a second each time, and more while other tests run.
vi.setConfig({ testTimeout: 60_000 });

function compare(theirs: Json, ours: Json): Report {
  return compareDocuments({ root: theirs, unresolved: new Map() }, { root: ours, unresolved: new Map() });
}

/** The report's lines as `breaking: getChats › request › contexts: nullable`, sorted. */
function linesOf({ differences }: Report): string[] {
  return differences
    .map((line) => `${line.class}: ${[line.operation, ...line.where].join(" › ")}: ${line.what}`)
    .sort();
}

/** Our document, with what it may state but does not. */
function richDocument(): Json {
  const document = ourDocument();
  for (const operation of operationsOf(document)) {
    operation["x-auth-scopes"] = ["communication"];
  }
  return document;
}

function operationsOf(document: Json): Json[] {
  return Object.values(at(document, "paths")).flatMap((item) => Object.values(at(item)).map((node) => at(node)));
}

describe("what is written otherwise and means the same", () => {
  const ours = richDocument();

  it("makes no difference", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(linesOf(compare(disguise(inline(ours), seed), ours))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("makes none on our side either", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const disguised = disguise(inline(ours), seed);
        expect(linesOf(compare(ours, { ...disguised, "x-accepted-drift": [] }))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

describe("each change of meaning, by itself", () => {
  const ours = richDocument();
  // One error is like another, and takes its time.
  for (const { responses } of operationsOf(ours)) {
    const statuses = Object.keys(at(responses)).filter((status) => !["200", "400"].includes(status));
    statuses.forEach((status) => delete at(responses)[status]);
  }
  const document = inline(ours);
  const mutations = mutationsOf(document);
  const kinds = [...new Set(mutations.map(({ kind }) => kind))];

  it("covers the kinds of change that there are", () => {
    expect(kinds.length).toBeGreaterThan(80);
    expect(mutations.length).toBeGreaterThan(1000);
    expect(mutations.flatMap(({ theirs, ours: our }) => [theirs, our]).filter((lines) => lines.length === 0)).toEqual(
      [],
    );
  });

  it.each(kinds)("%s: is reported in its place and with its class, and nothing else is", (kind) => {
    const own = mutations.filter((mutation) => mutation.kind === kind);
    for (const [index, { name, apply, theirs, ours: our }] of own.entries()) {
      const changed = clone(document);
      apply(changed);
      // A disguise takes longer than the comparison: every fourth change wears one, and the first of each kind does.
      const published = index % 4 === 0 ? disguise(changed, index) : changed;
      expect(linesOf(compare(published, document)), `${name}, by the Market`).toEqual([...theirs].sort());
      expect(linesOf(compare(document, changed)), `${name}, by us`).toEqual([...our].sort());
    }
  });
});

/** A document with one operation, whose response 200 has the schema. */
function tiny(schema: Json, operation: Json = {}, components: Json = {}): Json {
  const responses = { "200": { content: { "application/json": { schema } } } };
  const get = { operationId: "getThing", tags: ["things"], responses, ...operation };
  return { openapi: "3.0.3", paths: { "/things": { get } }, components: { schemas: components } };
}

const accepting = (schema: Json, ...entries: Json[]): Json => ({ ...schema, "x-accepted-drift": entries });

describe("where a difference is told", () => {
  const error = (type: string) => ({
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
    type,
  });
  const withErrors = (nullable: boolean) => {
    const responses = { "400": error("a"), "200": error("b"), "420": error("c") };
    return tiny({}, { responses }, { Error: { type: "object", properties: { code: { type: "string", nullable } } } });
  };

  it("is one line for all the statuses that share it", () => {
    expect(linesOf(compare(withErrors(true), withErrors(false)))).toEqual([
      "breaking: getThing › response 200, 400, 420 › code: nullable",
    ]);
  });

  it("is every operation that has it, and every place in it", () => {
    const content = { "application/json": { schema: { type: "array", items: { $ref: "#/components/schemas/Kind" } } } };
    const withKinds = (...values: string[]) => {
      const document = tiny({ $ref: "#/components/schemas/Kind" }, {}, { Kind: { enum: values } });
      const post = { operationId: "addThing", requestBody: { content }, responses: { "200": { content } } };
      return { ...document, paths: { ...at(document, "paths"), "/more": { post } } };
    };
    expect(linesOf(compare(withKinds("A", "B", "C"), withKinds("A", "B", "D")))).toEqual([
      "addition: addThing › request › items: enum value added",
      "addition: addThing › response 200 › items: enum value added",
      "addition: getThing › response 200: enum value added",
      "breaking: addThing › request › items: enum value removed",
      "documentation: addThing › response 200 › items: enum value removed",
      "documentation: getThing › response 200: enum value removed",
    ]);
  });

  it("is with what both sides say", () => {
    const [difference] = compare(
      tiny({ type: "string", maxLength: 5 }),
      tiny({ type: "string", maxLength: 7 }),
    ).differences;
    expect(difference).toEqual({
      operation: "getThing",
      where: ["response 200"],
      what: "maxLength",
      theirs: 5,
      ours: 7,
      class: "addition",
    });
  });

  it("is a new field with all that it holds", () => {
    const inner = {
      type: "object",
      required: ["id"],
      properties: { id: { type: "integer", minimum: 1 }, tags: { type: "array", items: { enum: ["B", "A"] } } },
    };
    const { differences } = compare(tiny({ type: "object", properties: { inner } }), tiny({ type: "object" }));
    expect(differences.map(({ theirs, ours }) => ({ theirs, ours }))).toEqual([
      {
        theirs: "object { id integer (minimum 1, required), tags array { items (enum value A | B) } }",
        ours: undefined,
      },
    ]);
  });
});

describe("parameters", () => {
  const parameter = (name: string, more: Json = {}) => ({
    parameters: [{ name, in: "query", schema: { type: "string" }, ...more }],
  });

  it("are the same under an alias", () => {
    const theirs = tiny({}, parameter("pageToken", { "x-aliases": ["pageToken", "page_token"] }));
    const { differences } = compare(theirs, tiny({}, parameter("page_token")));
    expect(differences).toMatchObject([
      {
        where: ["query", "page_token"],
        what: "name",
        theirs: "pageToken (also page_token)",
        ours: "page_token",
        class: "documentation",
      },
    ]);
  });

  it("are others once the alias has gone", () => {
    expect(linesOf(compare(tiny({}, parameter("pageToken")), tiny({}, parameter("page_token"))))).toEqual([
      "addition: getThing › query › pageToken: parameter added",
      "breaking: getThing › query › page_token: parameter removed",
    ]);
  });
});

describe("schemas", () => {
  const node = (more: Json = {}): Json => ({
    type: "object",
    properties: { id: { type: "string", ...more }, next: { $ref: "#/components/schemas/Node" } },
  });

  it("that contain themselves are compared to the end", () => {
    const ours = tiny({ $ref: "#/components/schemas/Node" }, {}, { Node: node() });
    const unrolled = tiny(
      { allOf: [node()] },
      {},
      { Node: { allOf: [{ $ref: "#/components/schemas/Other" }] }, Other: node() },
    );
    expect(linesOf(compare(unrolled, ours))).toEqual([]);
    const deeper = tiny(node(), {}, { Node: node({ nullable: true }) });
    expect(linesOf(compare(deeper, ours))).toEqual(["breaking: getThing › response 200 › next › id: nullable"]);
  });

  it.each<[string, Json]>([
    ["a $ref to itself", { Node: { $ref: "#/components/schemas/Node" } }],
    ["an allOf with itself", { Node: { allOf: [{ $ref: "#/components/schemas/Node" }, { type: "string" }] } }],
    [
      "a oneOf with itself",
      { Node: { oneOf: [{ type: "string" }, { type: "array", items: { $ref: "#/components/schemas/Node" } }] } },
    ],
    ["items of itself", { Node: { type: "array", items: { $ref: "#/components/schemas/Node" } } }],
    [
      "fields merged from itself",
      {
        Node: {
          allOf: [
            { properties: { a: { $ref: "#/components/schemas/Node" } } },
            { properties: { a: { $ref: "#/components/schemas/Node" } } },
          ],
        },
      },
    ],
  ])("do not go round for ever with %s", (_, components) => {
    const document = tiny({ $ref: "#/components/schemas/Node" }, {}, components);
    expect(linesOf(compare(document, document))).toEqual([]);
    expect(linesOf(compare(document, tiny({ type: "boolean" }))).length).toBeGreaterThan(0);
    expect(linesOf(compare(tiny({ type: "boolean" }), document)).length).toBeGreaterThan(0);
    const asField = tiny(
      { type: "object", properties: { field: { $ref: "#/components/schemas/Node" } } },
      {},
      components,
    );
    expect(linesOf(compare(asField, tiny({ type: "object" })))).toEqual([
      "addition: getThing › response 200 › field: field added",
    ]);
  });

  it("say null in three ways", () => {
    const ways: Json[] = [
      { type: "string", nullable: true },
      { type: ["null", "string"] },
      { anyOf: [{ type: "null" }, { type: "string" }] },
    ];
    for (const way of ways) {
      expect(linesOf(compare(tiny(way), tiny({ type: "string", nullable: true })))).toEqual([]);
      expect(linesOf(compare(tiny(way), tiny({ type: "string" })))).toEqual([
        "breaking: getThing › response 200: nullable",
      ]);
    }
  });

  it("may be one of several, in any order", () => {
    const choice = (...types: string[]) => tiny({ oneOf: types.map((type) => ({ type })) });
    expect(linesOf(compare(choice("integer", "string"), choice("string", "integer")))).toEqual([]);
    expect(linesOf(compare(choice("integer", "string", "boolean"), choice("string", "integer")))).toEqual([
      "breaking: getThing › response 200: alternative added",
    ]);
    expect(linesOf(compare(choice("integer", "string"), choice("string", "integer", "boolean")))).toEqual([
      "addition: getThing › response 200: alternative removed",
    ]);
  });

  it("mean what stands beside a $ref", () => {
    const components = { Text: { type: "string", description: "text" } };
    const beside = (more: Json) =>
      tiny({ type: "object", properties: { a: { $ref: "#/components/schemas/Text", ...more } } }, {}, components);
    expect(linesOf(compare(beside({ description: "other" }), beside({})))).toEqual([]);
    expect(linesOf(compare(beside({ deprecated: true }), beside({})))).toEqual([
      "documentation: getThing › response 200 › a: deprecated",
    ]);
  });

  it("hold to the strictest of what an allOf says", () => {
    const theirs = tiny({
      type: "integer",
      minimum: 2,
      maximum: 9,
      enum: [2, 3, 4],
      allOf: [{ minimum: 3, maximum: 10, enum: [3, 4, 5] }],
    });
    expect(linesOf(compare(theirs, tiny({ type: "integer", minimum: 3, maximum: 9, enum: [4, 3] })))).toEqual([]);
  });
});

describe("operations", () => {
  it("that have moved are found by their ID", () => {
    const theirs = tiny({ type: "string" });
    const { get } = at(theirs, "paths", "/things");
    theirs.paths = { "/v2/things": { post: get } };
    const { differences } = compare(theirs, tiny({ type: "string" }));
    const moved = { where: [], what: "moved", theirs: "POST /v2/things", ours: "GET /things", class: "breaking" };
    expect(differences).toMatchObject([moved]);
  });

  it("that are gone leave nothing to compare", () => {
    expect(() => compare({ openapi: "3.0.3", paths: {} }, tiny({}))).toThrow(
      new SpecificationError("operation getThing is gone, and no other is at GET /things"),
    );
  });

  it("that are new are named if they bear a tag of ours, and are no difference", () => {
    const theirs = tiny({});
    Object.assign(at(theirs, "paths"), {
      "/things/new": { post: { operationId: "addThing", tags: ["things"] } },
      "/else": { post: { operationId: "addElse", tags: ["else"] } },
    });
    expect(compare(theirs, tiny({}))).toMatchObject({ differences: [], others: ["addThing (POST /things/new)"] });
    expect(compare(theirs, theirs)).toMatchObject({ operations: ["getThing", "addThing", "addElse"], others: [] });
  });
});

describe("an accepted difference", () => {
  const nullable = { what: "nullable", theirs: true, reason: "It never is." };

  it("is listed apart, with its reason", () => {
    const report = compare(tiny({ type: "string", nullable: true }), tiny(accepting({ type: "string" }, nullable)));
    expect(report).toMatchObject({ differences: [], stale: [] });
    expect(report.accepted).toMatchObject([{ what: "nullable", class: "breaking", reason: "It never is." }]);
  });

  it("is accepted only where it stands", () => {
    const fields = (a: Json, b: Json) => tiny({ type: "object", properties: { a, b } });
    const text = { type: "string", nullable: true };
    const report = compare(fields(text, text), fields(accepting({ type: "string" }, nullable), { type: "string" }));
    expect(linesOf(report)).toEqual(["breaking: getThing › response 200 › b: nullable"]);
    expect(report.accepted).toMatchObject([{ where: ["response 200", "a"] }]);
  });

  it("is accepted only as it was", () => {
    const quota = (amount: number) => ({
      "x-resource-limit-config": { none: { amount, period: "hours", "period-duration": 1 } },
    });
    const entry = { what: "quota", theirs: "5000 per hour", reason: "The page says so." };
    const ours = tiny({}, accepting(quota(10_000), entry));
    expect(compare(tiny({}, quota(5000)), ours)).toMatchObject({ differences: [], stale: [] });
    const report = compare(tiny({}, quota(6000)), ours);
    expect(report.differences).toMatchObject([{ what: "quota", theirs: "6000 per hour" }]);
    expect(report.stale).toMatchObject([entry]);
    expect(report.accepted).toEqual([]);
  });

  it("is reported once it has gone", () => {
    const report = compare(tiny({ type: "string" }), tiny(accepting({ type: "string" }, nullable)));
    expect(report).toMatchObject({ differences: [], accepted: [] });
    expect(report.stale).toEqual([{ operation: "getThing", where: ["response 200"], ours: undefined, ...nullable }]);
  });

  it("stands beside a $ref, at the top, or above what only they have", () => {
    const components = { Text: { type: "string" } };
    const field = (more: Json) => ({
      type: "object",
      properties: { a: { $ref: "#/components/schemas/Text", ...more } },
    });
    const theirs = tiny(
      { ...field({ nullable: true }), required: ["b"] },
      { servers: [{ url: "https://b" }] },
      components,
    );
    const ours = tiny(
      accepting(field(accepting({}, nullable)), {
        at: "b",
        what: "required field added",
        theirs: "(required)",
        reason: "Unused.",
      }),
      {},
      components,
    );
    ours["x-accepted-drift"] = [{ what: "server added", theirs: "https://b", reason: "Internal." }];
    const report = compare(theirs, ours);
    expect(report).toMatchObject({ differences: [], stale: [] });
    expect(report.accepted.map(({ reason }) => reason)).toEqual(["Internal.", "It never is.", "Unused."]);
  });

  it("names ours where they have nothing", () => {
    const removed = { what: "enum value removed", ours: "B", reason: "It still comes." };
    const ours = tiny(accepting({ enum: ["A", "B"] }, removed));
    expect(compare(tiny({ enum: ["A"] }), ours)).toMatchObject({ differences: [], stale: [], accepted: [removed] });
    expect(linesOf(compare(tiny({ enum: ["B"] }), ours))).toEqual([
      "documentation: getThing › response 200: enum value removed",
    ]);
  });

  it("goes with the field that it stands in", () => {
    const ours = tiny({ type: "object", properties: { a: accepting({ type: "string" }, nullable) } });
    const report = compare(tiny({ type: "object" }), ours);
    expect(linesOf(report)).toEqual(["breaking: getThing › response 200 › a: field removed"]);
    expect(report.stale).toEqual([]);
  });

  it.each<[string, Json]>([
    ["a reason", { what: "nullable", theirs: true }],
    ["a pin", { what: "nullable", reason: "Because." }],
    ["a subject", { theirs: true, reason: "Because." }],
  ])("needs %s", (_, entry) => {
    expect(() => compare(tiny({}), tiny(accepting({}, entry)))).toThrow(
      new SpecificationError(
        "x-accepted-drift at getThing › response 200: an entry needs what, reason, and theirs or ours",
      ),
    );
  });

  it("has to stand where something is compared", () => {
    const ours = tiny({}, {}, { Unused: accepting({}, nullable) });
    expect(() => compare(tiny({}), ours)).toThrow(
      new SpecificationError("x-accepted-drift at components › schemas › Unused: nothing is compared there"),
    );
  });

  it("is in order wherever openapi/chats.yaml has one", async () => {
    const specification = { ...(await readSpecification(specificationPath)).document };
    expect(compare(specification, specification).differences).toEqual([]);
  });
});

describe("reading what is published", () => {
  const directory = mkdtempSync(join(tmpdir(), "drift-"));
  const ours = ourDocument();
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const ourFile = file("ours.yaml", stringifyYaml(ours));
  const split = writeSplit(disguise(inline(ours), 4), join(directory, "split"));
  const server = createServer(({ url = "" }, response) => {
    if (url === "/hangs.yaml") {
      return;
    }
    try {
      response.end(readFileSync(join(directory, decodeURIComponent(url))));
    } catch {
      response.writeHead(404).end("<html>");
    }
  });
  let origin = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") {
      throw new Error("the server listens on no port");
    }
    origin = `http://127.0.0.1:${address.port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true });
  });
  const readAndCompare = async (location: string) => {
    const theirs = await readPublished(location, 10);
    return compareDocuments(theirs, { root: ours, unresolved: new Map() });
  };

  it("takes one file or hundreds, YAML or JSON, from here or over HTTP", async () => {
    const json = file("one.json", JSON.stringify(disguise(inline(ours), 5), null, "\t"));
    for (const location of [split, json, ourFile, `${origin}/split/openapi.yaml`, `${origin}/one.json`]) {
      expect(linesOf(await readAndCompare(location)), location).toEqual([]);
    }
  });

  it("takes no notice of a $ref that leads nowhere elsewhere", async () => {
    const broken = clone(ours);
    at(broken, "components", "schemas").Unused = { $ref: "./not-there.yaml" };
    expect(linesOf(await readAndCompare(file("broken.yaml", stringifyYaml(broken))))).toEqual([]);
  });

  it.each<[string, () => string, RegExp]>([
    ["no file", () => join(directory, "none.yaml"), /none\.yaml: no such file$/],
    ["a folder", () => directory, /received a folder/],
    ["text", () => file("text.yaml", "hello"), /text\.yaml: expected an OpenAPI 3 document, found something else$/],
    [
      "Swagger 2",
      () => file("two.yaml", "swagger: '2.0'\npaths: {}"),
      /expected an OpenAPI 3 document, found Swagger 2\.0$/,
    ],
    [
      "a version to come",
      () => file("four.yaml", "openapi: 3.9.0\npaths: {}"),
      /Unsupported OpenAPI version: 3\.9\.0$/,
    ],
    ["broken YAML", () => file("cut.yaml", "openapi: '3.0"), /cut\.yaml: unexpected end of the stream/],
    ["no operation", () => file("empty.yaml", "openapi: 3.0.3\npaths: {}"), /^operation \w+ is gone/],
    [
      "no path",
      () => file("nopath.yaml", "openapi: 3.0.3\npaths: { /a: { $ref: none.yaml } }"),
      /nopath\.yaml:2:\d+ Can't resolve \$ref/,
    ],
    [
      "no anchor",
      () => file("noref.yaml", "openapi: 3.0.3\npaths: { /a: { $ref: '#/x' } }"),
      /noref\.yaml:2:\d+ Can't resolve \$ref/,
    ],
    ["no page", () => `${origin}/none.yaml`, /none\.yaml: HTTP 404$/],
    ["no server", () => "http://127.0.0.1:9/openapi.yaml", /fetch failed/],
    ["plain HTTP", () => "http://example.com/openapi.yaml", /only https will do, or http on loopback$/],
  ])("tells in one line what is wrong with %s", async (_, location, message) => {
    const error: unknown = await readAndCompare(location()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SpecificationError);
    expect(error).toHaveProperty("message", expect.stringMatching(message));
    expect(error).toHaveProperty("message", expect.not.stringContaining("\n"));
  });

  describe("npm run drift", () => {
    const run = (...args: string[]) =>
      new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
        const script = fileURLToPath(new URL("../scripts/drift.ts", import.meta.url));
        const command = ["--import", "tsx", script, ...args];
        const child = execFile(process.execPath, command, { timeout: 50_000 }, (_, stdout, stderr) => {
          resolve({ code: child.exitCode ?? -1, stdout, stderr });
        });
      });
    const specification = ["--specification", ourFile];

    it.concurrent("ends with 0 if nothing differs", async () => {
      expect(await run(split, ...specification)).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^(\w+\n {2}no differences\n\n)+0 differences .*\n$/),
        stderr: "",
      });
    });

    /** A document that passes the strict rules for ours. */
    const shop = (schema: Json, more: Json = {}): Json => ({
      ...tiny(schema, {
        summary: "Get the thing",
        description: "Gets it.",
        responses: {
          "200": { description: "Here it is.", content: { "application/json": { schema } } },
          "400": { description: "No." },
        },
        ...more,
      }),
      info: { title: "Things", version: "1", license: { name: "MIT", url: "https://opensource.org/license/mit" } },
      servers: [{ url: "https://api.partner.market.yandex.ru" }],
      security: [],
      tags: [{ name: "things", description: "Things." }],
    });
    const ourShop = file(
      "shop.yaml",
      stringifyYaml(
        shop({
          type: "object",
          required: ["a"],
          properties: {
            a: accepting({ type: "string" }, { what: "nullable", theirs: true, reason: "It never is." }),
            b: accepting({ type: "string", enum: ["X"] }, { what: "format", theirs: "email", reason: "It was." }),
          },
        }),
      ),
    );
    const theirShop = file(
      "their-shop.json",
      JSON.stringify(
        shop(
          {
            type: "object",
            properties: { a: { type: "string", nullable: true }, b: { type: "string", enum: ["X", "Y"] } },
          },
          { deprecated: true },
        ),
      ),
    );

    it.concurrent("ends with 1 if something does, and says it in lines", async () => {
      const { code, stdout, stderr } = await run(theirShop, "--specification", ourShop);
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
      expect(stdout).toMatchInlineSnapshot(`
        "getThing
          breaking       response 200 › a  required          theirs: false  ours: true
          addition       response 200 › b  enum value added  theirs: Y  ours: —
          documentation  (operation)       deprecated        theirs: true  ours: false
          stale          response 200 › b  format            accepted was theirs: email  (It was.)
          accepted       response 200 › a  nullable          theirs: true  ours: false  (It never is.)

        Stale: accepted, but no longer so. Take it out of x-accepted-drift.
        3 differences (1 breaking, 1 addition, 1 documentation), 1 accepted, 1 stale
        "
      `);
    });

    it.concurrent("says it as JSON", async () => {
      const { code, stdout } = await run(`${origin}/their-shop.json`, "--json", "--specification", ourShop);
      expect(code).toBe(1);
      const report: unknown = JSON.parse(stdout);
      expect(report).toMatchObject({
        operations: ["getThing"],
        differences: [
          { operation: "getThing", where: [], what: "deprecated", theirs: true, ours: false, class: "documentation" },
          { where: ["response 200", "a"], what: "required", class: "breaking" },
          { where: ["response 200", "b"], what: "enum value added", theirs: "Y", class: "addition" },
        ],
        accepted: [{ where: ["response 200", "a"], what: "nullable", theirs: true, reason: "It never is." }],
        stale: [{ where: ["response 200", "b"], what: "format", theirs: "email", reason: "It was." }],
        others: [],
      });
    });

    it.concurrent("ends with 1 if only an accepted difference has gone", async () => {
      const { code, stdout } = await run(ourShop, "--specification", ourShop);
      expect(code).toBe(1);
      expect(stdout).toContain("0 differences (0 breaking, 0 addition, 0 documentation), 0 accepted, 2 stale");
    });

    it.concurrent("ends with 2 and one line if there is nothing to compare", async () => {
      const { code, stdout, stderr } = await run(join(directory, "none.yaml"));
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^[^\n]*none\.yaml: no such file\n$/);
    });

    it.concurrent("does not wait for ever", async () => {
      const { code, stderr } = await run(`${origin}/hangs.yaml`, "--timeout", "0.2");
      expect(code).toBe(2);
      expect(stderr).toMatch(/^http:[^\n]*hangs\.yaml: [^\n]*timeout\n$/);
    });

    it.concurrent("tells how it is used", async () => {
      const [none, unknown] = await Promise.all([run(), run("a.yaml", "--colour")]);
      expect(none).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(/^Usage: [^\n]*\n$/) });
      expect(unknown).toEqual(none);
      expect(await run("--help")).toEqual({ code: 0, stdout: none.stderr, stderr: "" });
    });
  });
});
