import { once } from "node:events";
import { mkdtempSync, readFile, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compareDocuments } from "../scripts/drift/compare.js";
import { readDocument } from "../scripts/drift/document.js";
import { SpecificationError, specificationPath } from "../scripts/specification.js";
import { changes, expectLines } from "./drift/changes.js";
import { at, clone, compare, type Json, ours, tiny, toGraph, toLines } from "./drift/documents.js";
import { runScript } from "./support/cli.js";
import { getError } from "./support/promises.js";

it.each(changes)("one change has only its differences: %s", async (change, changed, original, ...places) => {
  expect(toLines(await compare(changed, original))).toEqual(expectLines(change, 0, places));
  expect(toLines(await compare(original, changed))).toEqual(expectLines(change, 1, places));
});

const node = { $ref: "#/components/schemas/Node" };
const string = { type: "string" };
const nullable = { type: "string", nullable: true };
const object = (properties: Json = {}): Json => ({ type: "object", properties });
const fields = (properties: Json) => tiny(object(properties));
const constructed = (constructor: Json) => fields({ constructor });
const withNode = (Node: Json, schema: Json = node) => tiny(schema, {}, { Node });
const list = (a: Json) => object({ a, next: node });
const strings = list(string);
const newer = (schema: Json) => ({ ...tiny(schema), openapi: "3.1.0" });
const parameter = (more: Json = {}) =>
  tiny({}, { parameters: [{ name: "ids", in: "query", schema: string, ...more }] });
const body = (schema: Json, type = "application/json") =>
  tiny({}, { requestBody: { content: { [type]: { schema } } } });
const hourly = (amount: number) => ({ amount, period: "hours" });
const quota = (config: Json) => tiny({}, { "x-resource-limit-config": { none: hourly(9), ...config } });
const inAll = (schema: Json) => {
  const content = { "application/json": { schema } };
  return tiny({}, { responses: { 400: { content }, 200: { content }, 420: { content } } });
};
const withPaths = (paths: Json) => ({ ...tiny({}), paths: { ...tiny({}).paths, ...paths } });

const served = (url: string) => ({ ...tiny({}), servers: [{ url, description: "S" }] });
const secured = (name: string, ...scopes: string[]) => {
  const securitySchemes = { [name]: { type: "apiKey", in: "header", name: "Key", description: `Of ${name}.` } };
  return { ...tiny({}), security: [{ [name]: scopes }], components: { securitySchemes } };
};

const { get } = parameter().paths["/things"];
const inherited = withPaths({ "/things": { ...tiny({}).paths["/things"], parameters: at(get).parameters } });
const overridden = withPaths({ "/things": { get, parameters: [{ name: "ids", in: "query", required: true }] } });
const wording = { title: "T", description: "D", example: "E", externalDocs: {}, "x-note": "N" };
const withoutEffect = { uniqueItems: false, deprecated: false, nullable: false, minLength: 0 };
const requiredB = { ...object({ b: string }), required: ["b"] };
const required = { ...object({ a: string, b: string }), required: ["b"] };
const sameQuota = { ...hourly(9), "period-duration": 1 };
const nowNullable = (place: string) => `breaking: response 200${place}: nullable added`;
const merged = { minimum: 9, maximum: 9, enum: [2, 3, 4], allOf: [{ minimum: 10, maximum: 10, enum: [3, 4, 5] }] };
const readOnly = object({ a: { allOf: [{ readOnly: true }, object({ b: string })] } });

it.each<[string, Json, Json, ...string[]]>([
  ["ignores wording, and keywords without effect", tiny({ ...wording, ...string, ...withoutEffect }), tiny(string)],
  ["ignores the order of values", tiny({ enum: ["A", "B"] }), tiny({ enum: ["B", "A"] })],
  ["ignores the order of fields", tiny(object({ b: string, a: string })), tiny(object({ a: string, b: string }))],
  ["ignores the spelling of a media type", body(string, "Application/JSON; charset=utf-8"), body(string)],
  ["ignores a slash at the end of a server", served("https://a/"), served("https://a")],
  ["ignores the name of a security scheme", secured("A"), secured("B")],
  ["ignores an alias that is the name", parameter({ "x-aliases": ["ids"], description: "D" }), parameter()],
  ["reads the parameters of the path item", inherited, parameter()],
  ["reads a choice of one", tiny({ anyOf: [{ oneOf: [{ allOf: [string] }] }] }), tiny(string)],
  ["merges the fields of an allOf", tiny({ allOf: [object({ a: string }), requiredB] }), tiny(required)],
  ["reads OpenAPI 3.1", newer({ type: ["string", "null"], const: "A" }), tiny({ ...nullable, enum: ["A"] })],
  ["ignores the default style", parameter({ in: "cookie", style: "form", explode: true }), parameter({ in: "cookie" })],
  ["ignores a parameter of the path item that the operation replaces", overridden, parameter()],
  ["ignores paid tariffs with the same quota", quota({ path: "resp", paid: sameQuota }), quota({})],
  [
    "ignores the order of alternatives, and how they are written",
    tiny({ oneOf: [{ allOf: [required] }, nullable] }),
    tiny({ anyOf: [nullable, { ...required, minProperties: 0 }] }),
  ],
  ["merges bounds and enums of an allOf", tiny(merged), tiny({ minimum: 10, maximum: 9, enum: [4, 3] })],
  ["reads a branch of null", newer({ anyOf: [{ type: "null" }, string] }), tiny(nullable)],
  ["reads a type of only null", newer({ type: ["null"] }), tiny({ type: "null" })],
  ["ignores null in an enum", tiny({ enum: ["A", null] }), tiny({ enum: ["A"] })],
  ["reads exclusive bounds", newer({ exclusiveMaximum: 3 }), tiny({ maximum: 3, exclusiveMaximum: true })],
  ["follows a $ref in any keyword", withNode({ ...string, title: "T" }, { not: node }), tiny({ not: string })],
  ["knows no read-only parameter", parameter({ schema: { ...string, readOnly: true } }), parameter()],
  ["ignores the fields of a read-only field", body(readOnly), body(object())],
  ["follows an indirect recursion", withNode({ allOf: [strings] }, { allOf: [strings] }), withNode(strings)],
  ["ignores how many levels of a recursion are written", withNode(strings, strings), withNode(strings)],
  ["compares a written level", withNode(list(nullable), strings), withNode(strings), nowNullable(" › next › a")],
  ["merges statuses", inAll(nullable), inAll(string), nowNullable(", 400, 420")],
  ["reads a sibling of a $ref", withNode(string, { ...node, nullable: true }), tiny(string), nowNullable("")],
  ["accepts any name", constructed(nullable), constructed(string), nowNullable(" › constructor")],
])("%s", async (_, theirs, ours, ...lines) => {
  expect(toLines(await compare(theirs, ours))).toEqual(lines);
});

it.each<[string, Json]>([
  ["an allOf with itself", { allOf: [node, string] }],
  ["a oneOf with itself", { oneOf: [node, string, { type: "array", items: node }] }],
  ["items of itself", { type: "array", items: node }],
  ["not itself", { type: "array", not: node }],
  ["fields merged from itself", { allOf: [{ properties: { a: node } }, { properties: { a: node } }] }],
])("ends for a schema that is %s", async (_, Node) => {
  expect(toLines(await compare(withNode(Node), withNode(Node)))).toEqual([]);
  expect(toLines(await compare(withNode(Node), tiny({ type: "boolean" })))).not.toEqual([]);
  const added = await compare(withNode(Node, object({ a: node })), tiny(object()));
  expect(toLines(added)).toEqual(["addition: response 200 › a: field added"]);
});

it("lists new operations with the same tag", async () => {
  const theirs = withPaths({ "/new": { post: { tags: ["things"] } }, "/else": { get: { tags: ["else"] } } });
  expect(await compare(theirs, tiny({}))).toMatchObject({ differences: [], others: ["POST /new (POST /new)"] });
  expect((await compare(theirs, theirs)).others).toEqual([]);
});

describe("an accepted difference", () => {
  const accepting = (document: Json, ...entries: Json[]): Json => ({ ...document, "x-accepted-drift": entries });
  const deep = { ...object({ c: { enum: ["B", "A"] } }), required: ["c"], minProperties: 1 };
  const content = "minProperties 1, type object; c: enum A | B, required";
  const quotas = { path: "items", medium: hourly(6), none: { ...hourly(5), "period-duration": 2 } };
  it.each<[string, Json, Json]>([
    [" › response 200 › a: nullable added", fields({ a: nullable }), fields({ a: string })],
    [` › response 200 › a: field added: ${content}`, fields({ a: deep }), tiny(object())],
    [` › response 200 › a: field removed: ${content}`, tiny(object()), fields({ a: deep })],
    [" › response 200: type: string -> boolean", tiny({ type: "boolean" }), tiny(string)],
    [" › response 200, 400, 420 › a: nullable added", inAll(object({ a: nullable })), inAll(object({ a: string }))],
    [" › response 200, 404: nullable added", tiny(nullable), tiny(string)],
    [": moved: GET /things -> GET /v2", { ...tiny({}), paths: { "/v2": tiny({}).paths["/things"] } }, tiny({})],
    [": quota added: 5 per 2 hours | 6 per hour (medium) | for each of items", quota(quotas), tiny({})],
    [": security added: none needed", { ...tiny({}), security: [{}] }, tiny({})],
    [": security added: apiKey (in header, name Key, scope a)", secured("A", "a"), tiny({})],
  ])("has the wording of the report: %s", async (line, theirs, ours) => {
    const report = await compare(theirs, accepting(ours, { reason: "Why.", lines: [`getThing${line}`] }));
    expect(report).toMatchObject({ differences: [], accepted: [{ reason: "Why." }], stale: [] });
  });

  it("is stale, and accepts nothing, if any word differs", async () => {
    const [line, other] = ["getThing: quota added: 8 per hour", "getThing: quota added: 9 per hour"];
    const report = await compare(quota({}), accepting(tiny({}), { reason: "Why.", lines: [line] }));
    expect(report).toMatchObject({ differences: [{ line: other }], accepted: [], stale: [{ line, reason: "Why." }] });
  });

  const incomplete = [{ lines: ["a"] }, { reason: "Why." }, { reason: "Why.", lines: [] }];
  it.each(incomplete)("needs a reason and lines, unlike %j", async (entry) => {
    const error = new SpecificationError("x-accepted-drift: an entry needs a reason, and lines of the report");
    await expect(compare(tiny({}), accepting(tiny({}), entry))).rejects.toThrow(error);
  });
});

const directory = mkdtempSync(join(tmpdir(), "drift test "));
const server = createServer(({ url = "" }, response) => {
  if (url === "/hangs.yaml") return;
  const send = (error: unknown, content: Buffer) => response.writeHead(error ? 404 : 200).end(content);
  readFile(join(directory, decodeURIComponent(url)), send);
});
await once(server.listen(0, "127.0.0.1"), "listening");
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => {
  server.close().closeAllConnections();
  rmSync(directory, { recursive: true });
});

/** Writes a file, and returns its path. */
function file(name: string, content: Json | string): string {
  writeFileSync(join(directory, name), typeof content === "string" ? content : JSON.stringify(content, null, "\t"));
  return join(directory, name);
}

describe("a published document", { timeout: 60_000 }, () => {
  const items = Object.entries(at(ours, "paths")).map(([path, item], index) => {
    const external = clone(item, (key, value) => (key === "$ref" ? `./split.yaml${String(value)}` : value));
    file(`путь ${index}.yaml`, external);
    return [path, { $ref: `./путь ${index}.yaml` }];
  });
  const split = file("split.yaml", { ...ours, paths: Object.fromEntries(items) });
  const one = file("one.json", ours);
  const readAndCompare = async (location: string) =>
    compareDocuments(await readDocument(location, 10), await toGraph(ours));

  it("can be one file or many, YAML or JSON, local or over HTTP", async () => {
    for (const location of [specificationPath, split, one, `${origin}/split.yaml`, `${origin}/one.json`]) {
      expect((await readAndCompare(location)).differences, location).toEqual([]);
    }
  });

  it("may have an unresolved $ref outside of our operations", async () => {
    const broken = clone(ours);
    at(broken, "components", "schemas").Unused = { $ref: "./none.yaml" };
    expect((await readAndCompare(file("broken.yaml", broken))).differences).toEqual([]);
  });

  const reference = (target: string) => `openapi: 3.0.3\npaths: { /a: { $ref: '${target}' } }`;
  it.each<[string, () => string, RegExp]>([
    ["a missing file", () => join(directory, "none.yaml"), /none\.yaml: no such file$/],
    ["a folder", () => directory, /received a folder/],
    ["plain text", () => file("text.yaml", "hello"), /text\.yaml: expected an OpenAPI 3 .*, found something else$/],
    ["Swagger 2", () => file("2.yaml", "swagger: '2.0'\npaths: {}"), /expected .* OpenAPI 3 .*, found Swagger 2\.0$/],
    ["a future version", () => file("4.yaml", "openapi: 3.9.0\npaths: {}"), /Unsupported OpenAPI version: 3\.9\.0$/],
    ["broken YAML", () => file("cut.yaml", "openapi: '3.0"), /cut\.yaml: unexpected end of the stream/],
    ["no operation", () => file("no.yaml", "openapi: 3.0.3\npaths: {}"), /^operation getChats is gone, .* POST \/v2/],
    ["an unresolved $ref", () => file("r.yaml", reference("b")), /\$ref "b"$/],
    ["an unresolved anchor", () => file("x.yaml", reference("#/x")), /\$ref "#\/x"$/],
    ["a missing page", () => `${origin}/none.yaml`, /none\.yaml: .*404/],
    ["a missing server", () => "http://localhost:9/openapi.yaml", /fetch failed/],
    ["a missing server with HTTPS", () => "https://127.0.0.2:9/openapi.yaml", /fetch failed/],
    ["plain HTTP", () => "http://example.com/openapi.yaml", /only https is allowed, or http on localhost$/],
  ])("is rejected with a message of one line: %s", async (_, location, message) => {
    const error = await getError(readAndCompare(location()), SpecificationError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("\n");
  });

  describe("npm run drift", () => {
    const run = (...args: string[]) => runScript("scripts/drift.ts", args);
    const chatId = "getChat › query › chatId";
    const entry = { reason: "Never.", lines: [`${chatId}: nullable added`, `${chatId}: maximum added: 5`] };
    const accepted = file("accepted.yaml", { ...ours, "x-accepted-drift": [entry] });
    const changed = clone(ours);
    at(changed, "components", "parameters", "ChatId", "schema").nullable = true;
    Object.assign(at(changed, "components", "parameters", "Limit", "schema"), { minimum: 2, maximum: 50 });
    at(changed, "paths", "/v2/businesses/{businessId}/chat", "get").deprecated = true;
    at(changed, "paths")["/new"] = { get: { tags: ["chats"] } };
    const other = file("changed.yaml", changed);

    it("exits with 0 if there are no differences", async () => {
      const counts = "0 breaking, 0 addition, 0 documentation, 0 accepted, 0 stale";
      const expected = { code: 0, stdout: `0 differences: ${counts}\n`, stderr: "" };
      expect(await run(split, "--specification", one)).toEqual(expected);
    });

    it("exits with 1 and lists the differences", async () => {
      expect((await run(other, "--specification", one)).code).toBe(1);
      const { code, stdout, stderr } = await run(`${origin}/changed.yaml`, "--specification", accepted);
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
      expect(stdout).toMatchInlineSnapshot(`
        "breaking       getChats › query › limit: minimum: 1 -> 2
        addition       getChats › query › limit: maximum: 20 -> 50
        documentation  getChat: deprecated added
        accepted       getChat › query › chatId: nullable added (Never.)
        stale          getChat › query › chatId: maximum added: 5 (Never.)
        Stale: there is no such difference. Remove the line from x-accepted-drift.
        Published with the same tag, not compared: GET /new (GET /new).
        3 differences: 1 breaking, 1 addition, 1 documentation, 1 accepted, 1 stale
        "
      `);
    });

    it("exits with 1 if an accepted difference is gone, and prints JSON on request", async () => {
      const { code, stdout } = await run(one, "--json", "--specification", accepted);
      const stale = entry.lines.map((line) => ({ line, reason: "Never." }));
      const report = { operations: ["getChats", "getChat"], differences: [], accepted: [], stale, others: [] };
      expect([code, JSON.parse(stdout)]).toEqual([1, report]);
    });

    it("exits with 2 and one line if a document cannot be read in time, or breaks a rule", async () => {
      const failed = (stderr: RegExp) => ({ code: 2, stdout: "", stderr: expect.stringMatching(stderr) });
      const slow = failed(/^http:[^\n]*hangs\.yaml: no response within 0\.2 s\n$/);
      expect(await run(`${origin}/hangs.yaml`, "--timeout", "0.2")).toEqual(slow);
      const invalid = file("invalid.yaml", { ...ours, tags: 1 });
      expect(await run(one, "--specification", invalid)).toEqual(failed(/invalid\.yaml:\d+:\d+ [^\n]*\n$/));
    });

    it("prints its usage for --help and for invalid arguments", async () => {
      const none = await run();
      expect(none).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(/^Usage: [^\n]*\n$/) });
      expect(await run("a.yaml", "--colour")).toEqual(none);
      expect(await run("a.yaml", "--timeout", "0")).toEqual(none);
      expect(await run("--help")).toEqual({ code: 0, stdout: none.stderr, stderr: "" });
    });
  });
});
