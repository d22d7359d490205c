/**
 * What the Market may change in our operations, one thing at a time, found by walking an inlined document. With each
 * change stands what the report has to say of it, by rules of its own: the code under test is not asked.
 */
import { at, isJson, type Json } from "./documents.js";

export interface Mutation {
  /** Such as `enum value added`. */
  readonly kind: string;
  readonly name: string;
  readonly apply: (document: Json) => void;
  /** The lines that are due if the Market changes it, and if we do. */
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
}

type Side = "request" | "response";

/** What each change means to users who write requests and read responses. */
const classes = {
  "new thing": { request: "addition", response: "addition" },
  "new demand": { request: "breaking", response: "addition" },
  "thing gone": { request: "breaking", response: "breaking" },
  "error gone": { request: "documentation", response: "documentation" },
  tighter: { request: "breaking", response: "addition" },
  looser: { request: "addition", response: "breaking" },
  "value more": { request: "addition", response: "addition" },
  "value less": { request: "breaking", response: "documentation" },
  other: { request: "breaking", response: "breaking" },
  "other default": { request: "breaking", response: "documentation" },
  word: { request: "documentation", response: "documentation" },
} as const;

type Weight = keyof typeof classes;

/** What is due in one place: if the Market makes the change, and if we make it. */
interface Due {
  readonly theirs?: readonly [what: string, weight: Weight];
  readonly ours?: readonly [what: string, weight: Weight];
}

const same = (what: string, weight: Weight): Due => ({ theirs: [what, weight], ours: [what, weight] });
const tighter = (what: string): Due => ({ theirs: [what, "tighter"], ours: [what, "looser"] });
const reverse = ({ theirs, ours }: Due): Due => ({ ...(ours && { theirs: ours }), ...(theirs && { ours: theirs }) });
const more = (what: string): Due => ({
  theirs: [`${what} added`, "value more"],
  ours: [`${what} removed`, "value less"],
});
const closed = (what: string): Due => ({ theirs: [what, "value less"], ours: [what, "value more"] });
const looser = (what: string): Due => reverse(tighter(what));
const gained = (noun: string, required = false): Due => ({
  theirs: required ? [`required ${noun} added`, "new demand"] : [`${noun} added`, "new thing"],
  ours: [`${noun} removed`, noun === "error response" ? "error gone" : "thing gone"],
});
const lost = (noun: string, required = false): Due => reverse(gained(noun, required));

export function mutationsOf(document: Json): Mutation[] {
  const mutations: Mutation[] = [];
  const add = (kind: string, side: Side, lines: Readonly<Record<string, readonly Due[]>>, apply: Mutation["apply"]) => {
    const text = (by: "theirs" | "ours") =>
      Object.entries(lines).flatMap(([place, dues]) =>
        dues.flatMap(({ [by]: due }) => (due === undefined ? [] : [`${classes[due[1]][side]}: ${place}: ${due[0]}`])),
      );
    const name = `${kind}, ${Object.keys(lines)[0] ?? ""} #${mutations.length}`;
    mutations.push({ kind, name, apply, theirs: text("theirs"), ours: text("ours") });
  };

  /** All that can befall the schema at the end of the keys. */
  const walkSchema = (keys: readonly string[], place: string, side: Side): void => {
    const node = at(document, ...keys);
    const edit = (kind: string, due: Due, change: (schema: Json) => void, where = place) =>
      add(kind, side, { [where]: [due] }, (copy) => change(at(copy, ...keys)));
    const set = (kind: string, due: Due, key: string, value: unknown) =>
      edit(kind, due, (schema) => (value === undefined ? delete schema[key] : (schema[key] = value)));

    set(
      "nullable flipped",
      node.nullable === true ? tighter("nullable") : looser("nullable"),
      "nullable",
      node.nullable !== true,
    );
    set("deprecated flipped", same("deprecated", "word"), "deprecated", node.deprecated !== true);
    set("switch-off announced", same("deprecation", "word"), "x-deprecation-config", { "shutdown-date": "2026-10-19" });
    set("type changed", same("type", "other"), "type", node.type === "boolean" ? "string" : "boolean");
    set("type removed", looser("type"), "type", undefined);
    set("keyword unknown to the report", tighter("multipleOf"), "multipleOf", 7);
    if (node.format === undefined) {
      set("format added", tighter("format"), "format", "email");
    } else {
      set("format removed", looser("format"), "format", undefined);
      set("format changed", same("format", "other"), "format", "email");
    }
    if (node.default === undefined) {
      set("default added", same("default", "word"), "default", 7);
    } else {
      set("default removed", same("default", "word"), "default", undefined);
      set("default changed", same("default", "other default"), "default", 7);
    }
    for (const bound of boundsFor(node)) {
      const value = node[bound];
      const [more, less] = bound.startsWith("min") ? [tighter, looser] : [looser, tighter];
      if (typeof value === "number") {
        set(`${bound} raised`, more(bound), bound, value + 1);
        set(`${bound} removed`, looser(bound), bound, undefined);
        if (value > 1) {
          set(`${bound} lowered`, less(bound), bound, value - 1);
        }
        if (bound === "minimum" || bound === "maximum") {
          const exclusive = bound === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
          set(`${bound} made exclusive`, tighter(bound), exclusive, true);
        }
      } else {
        set(`${bound} added`, tighter(bound), bound, 3);
      }
    }
    if (node.type === "string") {
      set("pattern added", tighter("pattern"), "pattern", "^a");
      set("choice added", tighter("alternative"), "oneOf", [{ maxLength: 3 }, { minLength: 9 }]);
    }

    const values: unknown[] | undefined = Array.isArray(node.enum) ? node.enum : undefined;
    if (values !== undefined) {
      edit("enum value added", more("enum value"), (schema) => (schema.enum = [...values, "ADDED"]));
      for (const value of values) {
        edit("enum value removed", reverse(more("enum value")), (schema) => {
          schema.enum = values.filter((other) => other !== value);
        });
      }
      set("enum removed", looser("enum value"), "enum", undefined);
    } else if (node.type === "string") {
      set("enum added", tighter("enum value"), "enum", ["ONE", "TWO"]);
    }

    if (node.type === "array") {
      set(
        "uniqueItems flipped",
        node.uniqueItems === true ? looser("uniqueItems") : tighter("uniqueItems"),
        "uniqueItems",
        node.uniqueItems !== true,
      );
      walkSchema([...keys, "items"], `${place} › items`, side);
    }
    if (node.type === "object") {
      walkObject(keys, place, side);
    }
  };

  const walkObject = (keys: readonly string[], place: string, side: Side): void => {
    const node = at(document, ...keys);
    const required: unknown[] = Array.isArray(node.required) ? node.required : [];
    const properties = isJson(node.properties) ? node.properties : {};
    const edit = (kind: string, lines: Readonly<Record<string, readonly Due[]>>, change: (schema: Json) => void) =>
      add(kind, side, lines, (copy) => change(at(copy, ...keys)));

    edit("additionalProperties closed", { [place]: [closed("additionalProperties")] }, (schema) => {
      schema.additionalProperties = false;
    });
    edit("additionalProperties given a type", { [`${place} › additionalProperties`]: [tighter("type")] }, (schema) => {
      schema.additionalProperties = { type: "string" };
    });
    edit("field added", { [`${place} › added`]: [gained("field")] }, (schema) => {
      schema.properties = { ...properties, added: { type: "string" } };
    });
    edit("required field added", { [`${place} › added`]: [gained("field", true)] }, (schema) => {
      schema.properties = { ...properties, added: { type: "string" } };
      schema.required = [...required, "added"];
    });
    for (const name of Object.keys(properties)) {
      const isRequired = required.includes(name);
      const field = `${place} › ${name}`;
      edit("required flipped", { [field]: [isRequired ? looser("required") : tighter("required")] }, (schema) => {
        schema.required = isRequired ? required.filter((other) => other !== name) : [...required, name];
      });
      edit("field removed", { [field]: [lost("field", isRequired)] }, (schema) => {
        delete at(schema, "properties")[name];
        schema.required = required.filter((other) => other !== name);
      });
      edit(
        "field renamed",
        { [field]: [lost("field", isRequired)], [`${place} › renamed`]: [gained("field")] },
        (schema) => {
          const { [name]: renamed, ...others } = at(schema, "properties");
          schema.properties = { ...others, renamed };
          schema.required = required.filter((other) => other !== name);
        },
      );
      edit("field hidden", { [field]: [lost("field", isRequired)] }, (schema) => {
        at(schema, "properties", name)[side === "request" ? "readOnly" : "writeOnly"] = true;
      });
      walkSchema([...keys, "properties", name], field, side);
    }
  };

  const walkParameter = (keys: readonly string[], operation: string): void => {
    const node = at(document, ...keys);
    const { name, in: where } = { name: String(node.name), in: String(node.in) };
    const place = `${operation} › ${where} › ${name}`;
    const isRequired = node.required === true;
    const edit = (kind: string, lines: Readonly<Record<string, readonly Due[]>>, change: (parameter: Json) => void) =>
      add(kind, "request", lines, (copy) => change(at(copy, ...keys)));

    add("parameter removed", "request", { [place]: [lost("parameter", isRequired)] }, (copy) => {
      const owner = at(copy, ...keys.slice(0, -2));
      owner.parameters = [owner.parameters].flat().filter((_, index) => String(index) !== keys.at(-1));
    });
    const renamed = `${operation} › ${where} › renamed`;
    edit(
      "parameter renamed",
      { [place]: [lost("parameter", isRequired)], [renamed]: [gained("parameter", isRequired)] },
      (parameter) => {
        parameter.name = "renamed";
      },
    );
    const { theirs, ours } = same("name", "word");
    edit(
      "parameter renamed, with the old name as an alias",
      { [place]: [{ ...(theirs && { theirs }) }], [renamed]: [{ ...(ours && { ours }) }] },
      (parameter) => {
        Object.assign(parameter, { name: "renamed", "x-aliases": ["renamed", name] });
      },
    );
    edit("alias added", { [place]: [same("name", "word")] }, (parameter) => (parameter["x-aliases"] = ["another"]));
    const moved = `${operation} › header › ${name}`;
    edit(
      "parameter moved to a header",
      { [place]: [lost("parameter", isRequired)], [moved]: [gained("parameter", isRequired)] },
      (parameter) => {
        parameter.in = "header";
      },
    );
    edit("required flipped", { [place]: [isRequired ? looser("required") : tighter("required")] }, (parameter) => {
      parameter.required = !isRequired;
    });
    edit("deprecated flipped", { [place]: [same("deprecated", "word")] }, (parameter) => (parameter.deprecated = true));
    edit(
      "explode flipped",
      { [place]: [same("style", "other")] },
      (parameter) => (parameter.explode = where !== "query"),
    );
    walkSchema([...keys, "schema"], place, "request");
  };

  /** A request body or a response, as far as it is JSON. */
  const walkContent = (keys: readonly string[], place: string, side: Side): void => {
    const { content } = at(document, ...keys);
    if (!isJson(content) || !("application/json" in content)) {
      return;
    }
    const json = `${place} › application/json`;
    const edit = (kind: string, lines: Readonly<Record<string, readonly Due[]>>, change: (owner: Json) => void) =>
      add(kind, side, lines, (copy) => change(at(copy, ...keys)));
    edit("media type added", { [`${place} › application/xml`]: [gained("media type")] }, (owner) => {
      at(owner, "content")["application/xml"] = { schema: { type: "string" } };
    });
    edit(
      "media type changed",
      { [json]: [lost("media type")], [`${place} › text/json`]: [gained("media type")] },
      (owner) => {
        const { "application/json": moved, ...others } = at(owner, "content");
        owner.content = { ...others, "text/json": moved };
      },
    );
    const mediaTypes = Object.keys(content).map((mediaType) => [`${place} › ${mediaType}`, [lost("media type")]]);
    edit("content removed", Object.fromEntries(mediaTypes), (owner) => delete owner.content);
    walkSchema([...keys, "content", "application/json", "schema"], place, side);
  };

  const walkOperation = (path: string, method: string): void => {
    const keys = ["paths", path, method];
    const node = at(document, ...keys);
    const operation = String(node.operationId);
    const edit = (kind: string, lines: Readonly<Record<string, readonly Due[]>>, change: (node: Json) => void) =>
      add(kind, "request", lines, (copy) => change(at(copy, ...keys)));
    const told = (kind: string, what: string, change: (node: Json) => void) =>
      edit(kind, { [operation]: [same(what, "word")] }, change);

    told("operation deprecated", "deprecated", (copy) => (copy.deprecated = true));
    told(
      "switch-off announced",
      "deprecation",
      (copy) => (copy["x-deprecation-config"] = { "shutdown-date": "2027-01-01" }),
    );
    for (const [kind, quota] of Object.entries({
      "quota lowered": { none: { amount: 1, period: "hours", "period-duration": 1 } },
      "quota for another period": { none: { amount: 1000, period: "minutes", "period-duration": 1 } },
      "quota for a longer period": { none: { amount: 1000, period: "hours", "period-duration": 2 } },
      "quota of something else": { ...at(node, "x-resource-limit-config"), path: "chats" },
      "quota of a tariff": {
        ...at(node, "x-resource-limit-config"),
        medium: { amount: 9, period: "hours", "period-duration": 1 },
      },
    })) {
      told(kind, "quota", (copy) => (copy["x-resource-limit-config"] = quota));
    }
    told("quota removed", "quota", (copy) => delete copy["x-resource-limit-config"]);
    edit(
      "operationId changed",
      { [operation]: [{ theirs: ["operationId", "word"] }], renamed: [{ ours: ["operationId", "word"] }] },
      (copy) => {
        copy.operationId = "renamed";
      },
    );
    add("path moved", "request", { [operation]: [same("moved", "other")] }, (copy) => {
      const paths = at(copy, "paths");
      paths[path.replace("/v2/", "/")] = paths[path];
      delete paths[path];
    });
    add("method changed", "request", { [operation]: [same("moved", "other")] }, (copy) => {
      const { [method]: moved, ...rest } = at(copy, "paths", path);
      at(copy, "paths")[path] = { ...rest, put: moved };
    });
    edit(
      "scope added",
      { [operation]: [gained("scope")] },
      (copy) => (copy["x-auth-scopes"] = ["communication", "chats"]),
    );
    edit(
      "scope replaced",
      { [operation]: [gained("scope"), lost("scope")] },
      (copy) => (copy["x-auth-scopes"] = ["chats"]),
    );
    edit("no key needed", { [operation]: [lost("security")] }, (copy) => (copy.security = []));
    edit("key not needed any more, but allowed", { [operation]: [gained("security")] }, (copy) => {
      copy.security = [{ ApiKey: [] }, {}];
    });
    edit("server for one operation", { [operation]: [gained("server"), lost("server")] }, (copy) => {
      copy.servers = [{ url: "https://example.com" }];
    });

    const added = { in: "query", name: "added", schema: { type: "string" } };
    for (const required of [false, true]) {
      const line = { [`${operation} › query › added`]: [gained("parameter", required)] };
      edit(required ? "required parameter added" : "parameter added", line, (copy) => {
        copy.parameters = [...[copy.parameters].flat(), { ...added, required }];
      });
      add("parameter added to the path item", "request", line, (copy) => {
        at(copy, "paths", path).parameters = [{ ...added, required }];
      });
    }
    [node.parameters].flat().forEach((_, index) => walkParameter([...keys, "parameters", String(index)], operation));

    const request = `${operation} › request`;
    if (isJson(node.requestBody)) {
      const isRequired = node.requestBody.required === true;
      edit("required flipped", { [request]: [isRequired ? looser("required") : tighter("required")] }, (copy) => {
        at(copy, "requestBody").required = !isRequired;
      });
      edit("body removed", { [request]: [lost("body", isRequired)] }, (copy) => delete copy.requestBody);
      walkContent([...keys, "requestBody"], request, "request");
    } else {
      for (const required of [false, true]) {
        edit("body added", { [request]: [gained("body", required)] }, (copy) => {
          copy.requestBody = { required, content: { "application/json": { schema: { type: "object" } } } };
        });
      }
    }
    walkResponses([...keys, "responses"], operation);
  };

  const walkResponses = (keys: readonly string[], operation: string): void => {
    const edit = (kind: string, status: string, due: Due, change: (responses: Json) => void) =>
      add(kind, "response", { [`${operation} › response ${status}`]: [due] }, (copy) => change(at(copy, ...keys)));
    const content = { "application/json": { schema: { type: "object" } } };
    edit("response added", "202", gained("response"), (responses) => (responses["202"] = { content }));
    edit("error response added", "423", gained("error response"), (responses) => (responses["423"] = { content }));
    for (const status of Object.keys(at(document, ...keys))) {
      const noun = status.startsWith("2") ? "response" : "error response";
      edit(`${noun} removed`, status, lost(noun), (responses) => delete responses[status]);
      walkContent([...keys, status], `${operation} › response ${status}`, "response");
    }
  };

  const operations = Object.entries(at(document, "paths")).flatMap(([path, item]) =>
    Object.keys(at(item)).map((method) => ({ path, method, id: String(at(item, method).operationId) })),
  );
  operations.forEach(({ path, method }) => walkOperation(path, method));

  /** What stands at the top concerns every operation. */
  const everywhere = (kind: string, dues: readonly Due[], apply: Mutation["apply"]) =>
    add(kind, "request", Object.fromEntries(operations.map(({ id }) => [id, dues])), apply);
  const replaced = (noun: string) => [gained(noun), lost(noun)];
  const scheme = (change: Json) => (copy: Json) => {
    Object.assign(at(copy, "components", "securitySchemes", "ApiKey"), change);
  };
  everywhere("key in another header", replaced("security"), scheme({ name: "X-Api-Key" }));
  everywhere("key in the query", replaced("security"), scheme({ in: "query" }));
  everywhere("another kind of key", replaced("security"), scheme({ type: "http", scheme: "bearer" }));
  everywhere("another way in", [gained("security")], (copy) => {
    at(copy, "components", "securitySchemes").OAuth = { type: "oauth2", flows: {} };
    copy.security = [{ ApiKey: [] }, { OAuth: ["market"] }];
  });
  everywhere("a second key as well", replaced("security"), (copy) => {
    at(copy, "components", "securitySchemes").Second = { type: "http", scheme: "basic" };
    copy.security = [{ ApiKey: [], Second: [] }];
  });
  everywhere("server moved", replaced("server"), (copy) => (copy.servers = [{ url: "https://example.com" }]));
  everywhere("server added", [gained("server")], (copy) => {
    copy.servers = [...[copy.servers].flat(), { url: "https://example.com" }];
  });
  everywhere("server removed", [lost("server")], (copy) => (copy.servers = []));
  return mutations;
}

function boundsFor({ type }: Json): string[] {
  switch (type) {
    case "string":
      return ["minLength", "maxLength"];
    case "array":
      return ["minItems", "maxItems"];
    case "object":
      return ["minProperties", "maxProperties"];
    default:
      return ["minimum", "maximum"];
  }
}
