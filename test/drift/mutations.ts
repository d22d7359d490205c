/**
 * All changes that the Market could make to our operations, one at a time, found by walking an inlined document. Each has
 * the lines that the report must contain, by rules that do not depend on the code under test.
 */
import { at, isJson, type Json } from "./documents.js";

export interface Mutation {
  /** Such as `enum value added`. */
  readonly kind: string;
  readonly name: string;
  readonly apply: (document: Json) => void;
  /** The expected lines if their document has the change, and if ours has it. */
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
}

type Side = "request" | "response";

/** The class of a change for users who write requests and read responses. */
const impacts = {
  extended: { request: "addition", response: "addition" },
  narrowed: { request: "breaking", response: "addition" },
  widened: { request: "addition", response: "breaking" },
  incompatible: { request: "breaking", response: "breaking" },
  restricted: { request: "breaking", response: "documentation" },
  informational: { request: "documentation", response: "documentation" },
} as const;

type Line = readonly [what: string, impact: keyof typeof impacts];

/** The lines that a change causes in one place: if their document has it, and if ours has it. */
interface Due {
  readonly theirs?: Line;
  readonly ours?: Line;
  /** The place, if it is not that of the changed object. */
  readonly place?: string;
}

const same = (what: string, impact: Line[1]): Due => ({ theirs: [what, impact], ours: [what, impact] });
const info = (what: string) => same(what, "informational");
const differs = (what: string) => same(what, "incompatible");
const reverse = ({ theirs, ours }: Due): Due => ({ ...(ours && { theirs: ours }), ...(theirs && { ours: theirs }) });
const narrowed = (what: string): Due => ({ theirs: [what, "narrowed"], ours: [what, "widened"] });
const widened = (what: string) => reverse(narrowed(what));
const added = (noun: string, required = false): Due => ({
  theirs: required ? [`required ${noun} added`, "narrowed"] : [`${noun} added`, "extended"],
  ours: [`${noun} removed`, noun === "error response" ? "informational" : "incompatible"],
});
const removed = (noun: string, required = false) => reverse(added(noun, required));
const replaced = (noun: string) => [added(noun), removed(noun)];
const valueAdded: Due = { theirs: ["enum value added", "extended"], ours: ["enum value removed", "restricted"] };
const closed: Due = { theirs: ["additionalProperties", "restricted"], ours: ["additionalProperties", "extended"] };
const on = (place: string, due: Due): Due => ({ ...due, place });
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const bounds: Readonly<Record<string, readonly string[]>> = {
  string: ["minLength", "maxLength"],
  array: ["minItems", "maxItems"],
  object: ["minProperties", "maxProperties"],
};

export function mutationsOf(document: Json): Mutation[] {
  const mutations: Mutation[] = [];
  const add = (kind: string, side: Side, place: string, dues: readonly Due[], apply: Mutation["apply"]) => {
    const lines = (by: "theirs" | "ours") =>
      dues.flatMap(({ [by]: line, place: where = place }) =>
        line === undefined ? [] : [`${impacts[line[1]][side]}: ${where}: ${line[0]}`],
      );
    const name = `${kind}, ${place} #${mutations.length}`;
    mutations.push({ kind, name, apply, theirs: lines("theirs"), ours: lines("ours") });
  };
  /** A function that adds mutations of the object at the end of the keys. */
  const editor =
    (keys: readonly string[], side: Side, place: string) =>
    (kind: string, dues: readonly Due[], change: (node: Json) => unknown) =>
      add(kind, side, place, dues, (copy) => change(at(copy, ...keys)));

  const walkSchema = (keys: readonly string[], side: Side, place: string): void => {
    const node = at(document, ...keys);
    const edit = editor(keys, side, place);
    const set = (kind: string, due: Due, key: string, value: unknown) =>
      edit(kind, [due], (schema) => (value === undefined ? delete schema[key] : (schema[key] = value)));
    const flip = (key: string, due: Due) =>
      set(`${key} flipped`, node[key] === true ? reverse(due) : due, key, node[key] !== true);

    flip("nullable", widened("nullable"));
    flip("deprecated", info("deprecated"));
    set("switch-off announced", info("deprecation"), "x-deprecation-config", { "shutdown-date": "2026-10-19" });
    set("type changed", differs("type"), "type", node.type === "boolean" ? "string" : "boolean");
    set("type removed", widened("type"), "type", undefined);
    set("unknown keyword added", narrowed("multipleOf"), "multipleOf", 7);
    for (const [key, change] of [
      ["format", differs("format")],
      ["default", same("default", "restricted")],
    ] as const) {
      const presence = key === "format" ? narrowed(key) : info(key);
      if (node[key] === undefined) {
        set(`${key} added`, presence, key, "email");
      } else {
        set(`${key} removed`, reverse(presence), key, undefined);
        set(`${key} changed`, change, key, "email");
      }
    }
    for (const bound of bounds[String(node.type)] ?? ["minimum", "maximum"]) {
      const value = node[bound];
      const raised = bound.startsWith("min") ? narrowed(bound) : widened(bound);
      if (typeof value !== "number") {
        set(`${bound} added`, narrowed(bound), bound, 3);
        continue;
      }
      set(`${bound} raised`, raised, bound, value + 1);
      set(`${bound} removed`, widened(bound), bound, undefined);
      if (value > 1) {
        set(`${bound} lowered`, reverse(raised), bound, value - 1);
      }
      if (bound === "minimum" || bound === "maximum") {
        set(`${bound} made exclusive`, narrowed(bound), bound.replace("m", "exclusiveM"), true);
      }
    }
    if (Array.isArray(node.enum)) {
      const values = list(node.enum);
      set("enum value added", valueAdded, "enum", [...values, "ADDED"]);
      values.forEach((value) =>
        set(
          "enum value removed",
          reverse(valueAdded),
          "enum",
          values.filter((other) => other !== value),
        ),
      );
      set("enum removed", widened("enum value"), "enum", undefined);
    } else if (node.type === "string") {
      set("enum added", narrowed("enum value"), "enum", ["ONE", "TWO"]);
    }
    if (node.type === "string") {
      set("pattern added", narrowed("pattern"), "pattern", "^a");
      set("choice added", narrowed("alternative"), "oneOf", [{ maxLength: 3 }, { minLength: 9 }]);
    }
    if (node.type === "array") {
      flip("uniqueItems", narrowed("uniqueItems"));
      walkSchema([...keys, "items"], side, `${place} › items`);
    }
    if (node.type === "object") {
      set("additionalProperties closed", closed, "additionalProperties", false);
      const typed = on(`${place} › additionalProperties`, narrowed("type"));
      set("additionalProperties given a type", typed, "additionalProperties", { type: "string" });
      walkFields(keys, side, place);
    }
  };

  const walkFields = (keys: readonly string[], side: Side, place: string): void => {
    const node = at(document, ...keys);
    const required = list(node.required);
    const properties = isJson(node.properties) ? node.properties : {};
    const edit = editor(keys, side, place);
    for (const isRequired of [false, true]) {
      const due = on(`${place} › added`, added("field", isRequired));
      edit(isRequired ? "required field added" : "field added", [due], (schema) => {
        schema.properties = { ...properties, added: { type: "string" } };
        schema.required = [...required, ...(isRequired ? ["added"] : [])];
      });
    }
    for (const name of Object.keys(properties)) {
      const isRequired = required.includes(name);
      const others = required.filter((other) => other !== name);
      const path = `${place} › ${name}`;
      const editField = editor(keys, side, path);
      editField("required flipped", [isRequired ? widened("required") : narrowed("required")], (schema) => {
        schema.required = isRequired ? others : [...required, name];
      });
      editField("field removed", [removed("field", isRequired)], (schema) => {
        delete at(schema, "properties")[name];
        schema.required = others;
      });
      const renamed = [removed("field", isRequired), on(`${place} › renamed`, added("field"))];
      editField("field renamed", renamed, (schema) => {
        const { [name]: field, ...rest } = at(schema, "properties");
        Object.assign(schema, { properties: { ...rest, renamed: field }, required: others });
      });
      editField("field hidden", [removed("field", isRequired)], (schema) => {
        at(schema, "properties", name)[side === "request" ? "readOnly" : "writeOnly"] = true;
      });
      walkSchema([...keys, "properties", name], side, path);
    }
  };

  const walkParameter = (keys: readonly string[], operation: string): void => {
    const node = at(document, ...keys);
    const [name, where] = [String(node.name), String(node.in)];
    const isRequired = node.required === true;
    const edit = editor(keys, "request", `${operation} › ${where} › ${name}`);
    const renamed = `${operation} › ${where} › renamed`;
    const moved = `${operation} › header › ${name}`;
    const gone = removed("parameter", isRequired);
    const instead = added("parameter", isRequired);
    const { theirs, ours } = info("name");
    const aliased = [{ ...(theirs && { theirs }) }, on(renamed, { ...(ours && { ours }) })];

    const owner = editor(keys.slice(0, -2), "request", `${operation} › ${where} › ${name}`);
    owner("parameter removed", [gone], (copy) => {
      copy.parameters = list(copy.parameters).filter((_, index) => String(index) !== keys.at(-1));
    });
    edit("parameter renamed", [gone, on(renamed, instead)], (copy) => (copy.name = "renamed"));
    edit("parameter renamed, with the old name as an alias", aliased, (copy) =>
      Object.assign(copy, { name: "renamed", "x-aliases": ["renamed", name] }),
    );
    edit("alias added", [info("name")], (copy) => (copy["x-aliases"] = ["another"]));
    edit("parameter moved to a header", [gone, on(moved, instead)], (copy) => (copy.in = "header"));
    edit("required flipped", [isRequired ? widened("required") : narrowed("required")], (copy) => {
      copy.required = !isRequired;
    });
    edit("deprecated flipped", [info("deprecated")], (copy) => (copy.deprecated = true));
    edit("switch-off announced", [info("deprecation")], (copy) => (copy["x-deprecation-config"] = { date: "soon" }));
    edit("explode flipped", [differs("style")], (copy) => (copy.explode = where !== "query"));
    edit("style changed", [differs("style")], (copy) => (copy.style = "pipeDelimited"));
    walkSchema([...keys, "schema"], "request", `${operation} › ${where} › ${name}`);
  };

  /** A request body or a response with JSON. */
  const walkContent = (keys: readonly string[], side: Side, place: string): void => {
    const { content } = at(document, ...keys);
    if (!isJson(content) || !isJson(content["application/json"])) {
      return;
    }
    const edit = editor(keys, side, place);
    const json = on(`${place} › application/json`, removed("media type"));
    edit("media type added", [on(`${place} › application/xml`, added("media type"))], (owner) => {
      at(owner, "content")["application/xml"] = { schema: { type: "string" } };
    });
    edit("media type changed", [json, on(`${place} › text/json`, added("media type"))], (owner) => {
      const { "application/json": moved, ...others } = at(owner, "content");
      owner.content = { ...others, "text/json": moved };
    });
    const all = Object.keys(content).map((mediaType) => on(`${place} › ${mediaType}`, removed("media type")));
    edit("content removed", all, (owner) => delete owner.content);
    walkSchema([...keys, "content", "application/json", "schema"], side, place);
  };

  const walkOperation = (path: string, method: string): void => {
    const keys = ["paths", path, method];
    const node = at(document, ...keys);
    const operation = String(node.operationId);
    const edit = editor(keys, "request", operation);
    const assign = (kind: string, dues: readonly Due[], change: Json) =>
      edit(kind, dues, (copy) => Object.assign(copy, change));

    assign("operation deprecated", [info("deprecated")], { deprecated: true });
    assign("switch-off announced", [info("deprecation")], {
      "x-deprecation-config": { "shutdown-date": "2027-01-01" },
    });
    const quotas = at(node, "x-resource-limit-config");
    for (const [kind, quota] of Object.entries({
      "quota lowered": { none: { amount: 1, period: "hours", "period-duration": 1 } },
      "quota for another period": { none: { amount: 1000, period: "minutes", "period-duration": 1 } },
      "quota for a longer period": { none: { amount: 1000, period: "hours", "period-duration": 2 } },
      "quota of something else": { ...quotas, path: "chats" },
      "quota of a tariff": { ...quotas, medium: { amount: 9, period: "hours", "period-duration": 1 } },
    })) {
      assign(kind, [info("quota")], { "x-resource-limit-config": quota });
    }
    edit("quota removed", [info("quota")], (copy) => delete copy["x-resource-limit-config"]);
    const { theirs, ours } = info("operationId");
    const renamed = [{ ...(theirs && { theirs }) }, on("renamed", { ...(ours && { ours }) })];
    assign("operationId changed", renamed, { operationId: "renamed" });
    add("path moved", "request", operation, [differs("moved")], (copy) => {
      const { [path]: moved, ...others } = at(copy, "paths");
      copy.paths = { ...others, [path.replace("/v2/", "/")]: moved };
    });
    add("method changed", "request", operation, [differs("moved")], (copy) => {
      const { [method]: moved, ...rest } = at(copy, "paths", path);
      at(copy, "paths")[path] = { ...rest, put: moved };
    });
    assign("scope added", [added("scope")], { "x-auth-scopes": ["communication", "chats"] });
    assign("scope replaced", replaced("scope"), { "x-auth-scopes": ["chats"] });
    assign("no key needed", [removed("security")], { security: [] });
    assign("key not needed any more, but allowed", [added("security")], { security: [{ ApiKey: [] }, {}] });
    assign("server for one operation", replaced("server"), { servers: [{ url: "https://example.com" }] });
    for (const required of [false, true]) {
      const due = [on(`${operation} › query › added`, added("parameter", required))];
      const parameter = { in: "query", name: "added", required, schema: { type: "string" } };
      assign(`${required ? "required " : ""}parameter added`, due, {
        parameters: [...list(node.parameters), parameter],
      });
      add("parameter added to the path item", "request", operation, due, (copy) => {
        at(copy, "paths", path).parameters = [parameter];
      });
    }
    list(node.parameters).forEach((_, index) => walkParameter([...keys, "parameters", String(index)], operation));

    const request = `${operation} › request`;
    if (isJson(node.requestBody)) {
      const isRequired = node.requestBody.required === true;
      const flipped = on(request, isRequired ? widened("required") : narrowed("required"));
      edit("required flipped", [flipped], (copy) => (at(copy, "requestBody").required = !isRequired));
      edit("body removed", [on(request, removed("body", isRequired))], (copy) => delete copy.requestBody);
      walkContent([...keys, "requestBody"], "request", request);
    } else {
      const content = { "application/json": { schema: { type: "object" } } };
      for (const required of [false, true]) {
        assign("body added", [on(request, added("body", required))], { requestBody: { required, content } });
      }
    }

    const editResponses = editor([...keys, "responses"], "response", operation);
    const response = { content: { "application/json": { schema: { type: "object" } } } };
    for (const [status, noun] of [
      ["202", "response"],
      ["423", "error response"],
    ] as const) {
      const due = on(`${operation} › response ${status}`, added(noun));
      editResponses(`${noun} added`, [due], (responses) => (responses[status] = response));
    }
    for (const status of Object.keys(at(node, "responses"))) {
      const noun = status.startsWith("2") ? "response" : "error response";
      const place = `${operation} › response ${status}`;
      editResponses(`${noun} removed`, [on(place, removed(noun))], (responses) => delete responses[status]);
      walkContent([...keys, "responses", status], "response", place);
    }
  };

  const operations = Object.entries(at(document, "paths")).flatMap(([path, item]) =>
    Object.keys(at(item)).map((method) => ({ path, method, id: String(at(item, method).operationId) })),
  );
  operations.forEach(({ path, method }) => walkOperation(path, method));

  /** Changes at the top level, which concern every operation. */
  const everywhere = (kind: string, dues: readonly Due[], apply: Mutation["apply"]) =>
    add(
      kind,
      "request",
      "",
      operations.flatMap(({ id }) => dues.map((due) => on(id, due))),
      apply,
    );
  const scheme = (change: Json) => (copy: Json) =>
    void Object.assign(at(copy, "components", "securitySchemes", "ApiKey"), change);
  const withScheme = (name: string, definition: Json, security: Json[]) => (copy: Json) => {
    at(copy, "components", "securitySchemes")[name] = definition;
    copy.security = security;
  };
  const other = { url: "https://example.com" };
  everywhere("key in another header", replaced("security"), scheme({ name: "X-Api-Key" }));
  everywhere("key in the query", replaced("security"), scheme({ in: "query" }));
  everywhere("another kind of key", replaced("security"), scheme({ type: "http", scheme: "bearer" }));
  const oauth = withScheme("OAuth", { type: "oauth2", flows: {} }, [{ ApiKey: [] }, { OAuth: ["market"] }]);
  everywhere("another kind of security allowed", [added("security")], oauth);
  const second = withScheme("Second", { type: "http", scheme: "basic" }, [{ ApiKey: [], Second: [] }]);
  everywhere("a second key required", replaced("security"), second);
  everywhere("server moved", replaced("server"), (copy) => (copy.servers = [other]));
  everywhere("server added", [added("server")], (copy) => (copy.servers = [...list(copy.servers), other]));
  everywhere("server removed", [removed("server")], (copy) => (copy.servers = []));
  return mutations;
}
