/**
 * All changes that the Market could make to our operations, one at a time, found by walking an inlined document. Each has
 * the lines that the report must contain, by rules that do not depend on the code under test.
 */
import { at, clone, isJson, type Json } from "./documents.js";

export interface Mutation {
  /** Such as `enum value added`. */
  readonly kind: string;
  readonly name: string;
  /** Replaces properties of the object at the end of the keys. */
  readonly keys: readonly string[];
  readonly patch: Json;
  /** The expected lines if their document has the change, and if ours has it. */
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
}

/** A copy with the change. */
export function mutate(document: Json, { keys, patch }: Mutation): Json {
  const copy = clone(document);
  Object.assign(at(copy, ...keys), patch);
  return clone(copy); // without the properties that are undefined
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
  readonly theirs?: Line | undefined;
  readonly ours?: Line | undefined;
  /** The place, if it is not that of the changed object. */
  readonly place?: string;
}

type Row = readonly [kind: string, dues: Due | Due[], patch: Json];

const same = (what: string, impact: Line[1]): Due => ({ theirs: [what, impact], ours: [what, impact] });
const info = (what: string) => same(what, "informational");
const differs = (what: string) => same(what, "incompatible");
const reverse = ({ theirs, ours }: Due): Due => ({ theirs: ours, ours: theirs });
const narrowed = (what: string): Due => ({ theirs: [what, "narrowed"], ours: [what, "widened"] });
const widened = (what: string) => reverse(narrowed(what));
const added = (noun: string, required = false): Due => ({
  theirs: required ? [`required ${noun} added`, "narrowed"] : [`${noun} added`, "extended"],
  ours: [`${noun} removed`, noun === "error response" ? "informational" : "incompatible"],
});
const removed = (noun: string, required = false) => reverse(added(noun, required));
const replaced = (noun: string) => [added(noun), removed(noun)];
const requiredFlipped = (isRequired: boolean) => (isRequired ? widened("required") : narrowed("required"));
const valueAdded: Due = { theirs: ["enum value added", "extended"], ours: ["enum value removed", "restricted"] };
const closed: Due = { theirs: ["additionalProperties", "restricted"], ours: ["additionalProperties", "extended"] };
const on = (place: string, due: Due): Due => ({ ...due, place });
/** The old name has the line in their document, the new one in ours. */
const renamedTo = (place: string, { theirs, ours }: Due) => [{ theirs }, on(place, { ours })];
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const when = (condition: boolean, ...rows: readonly Row[]) => (condition ? rows : []);
const announced = { "x-deprecation-config": { "shutdown-date": "2026-10-19" } };
const deprecations: readonly Row[] = [
  ["deprecated", info("deprecated"), { deprecated: true }],
  ["switch-off announced", info("deprecation"), announced],
];
const object = { content: { "application/json": { schema: { type: "object" } } } };
const string = { type: "string" };

const bounds: Readonly<Record<string, readonly string[]>> = {
  string: ["minLength", "maxLength"],
  array: ["minItems", "maxItems"],
  object: ["minProperties", "maxProperties"],
};

function boundRows(bound: string, value: unknown): readonly Row[] {
  const raised = bound.startsWith("min") ? narrowed(bound) : widened(bound);
  if (typeof value !== "number") {
    return [[`${bound} added`, narrowed(bound), { [bound]: 3 }]];
  }
  const exclusive = bound.replace("m", "exclusiveM");
  return [
    [`${bound} raised`, raised, { [bound]: value + 1 }],
    [`${bound} removed`, widened(bound), { [bound]: undefined }],
    ...when(value > 1, [`${bound} lowered`, reverse(raised), { [bound]: value - 1 }]),
    ...when(["minimum", "maximum"].includes(bound), [
      `${bound} made exclusive`,
      narrowed(bound),
      { [exclusive]: true },
    ]),
  ];
}

export function mutationsOf(document: Json): Mutation[] {
  const mutations: Mutation[] = [];
  const add = (keys: readonly string[], side: Side, place: string, rows: readonly Row[]) => {
    for (const [kind, dues, patch] of rows) {
      const lines = (by: "theirs" | "ours") =>
        [dues].flat().flatMap(({ [by]: line, place: where = place }) => {
          return line === undefined ? [] : [`${impacts[line[1]][side]}: ${where}: ${line[0]}`];
        });
      const name = `${kind}, ${place} #${mutations.length}`;
      mutations.push({ kind, name, keys, patch, theirs: lines("theirs"), ours: lines("ours") });
    }
  };

  const walkSchema = (keys: readonly string[], side: Side, place: string): void => {
    const node = at(document, ...keys);
    const { type } = node;
    const values = list(node.enum);
    const flip = (key: string, due: Due): Row => {
      return [`${key} flipped`, node[key] === true ? reverse(due) : due, { [key]: node[key] !== true }];
    };
    const state = (key: string, presence: Due, change: Due): Row[] =>
      node[key] === undefined
        ? [[`${key} added`, presence, { [key]: "email" }]]
        : [
            [`${key} removed`, reverse(presence), { [key]: undefined }],
            [`${key} changed`, change, { [key]: "email" }],
          ];
    const typed = on(`${place} › additionalProperties`, narrowed("type"));
    add(keys, side, place, [
      flip("nullable", widened("nullable")),
      flip("deprecated", info("deprecated")),
      ["switch-off announced", info("deprecation"), announced],
      ["type changed", differs("type"), { type: type === "boolean" ? "string" : "boolean" }],
      ["type removed", widened("type"), { type: undefined }],
      ["unknown keyword added", narrowed("multipleOf"), { multipleOf: 7 }],
      ...state("format", narrowed("format"), differs("format")),
      ...state("default", info("default"), same("default", "restricted")),
      ...(bounds[String(type)] ?? ["minimum", "maximum"]).flatMap((bound) => boundRows(bound, node[bound])),
      ...values.map((one): Row => {
        return ["enum value removed", reverse(valueAdded), { enum: values.filter((other) => other !== one) }];
      }),
      ...when(
        values.length > 0,
        ["enum value added", valueAdded, { enum: [...values, "ADDED"] }],
        ["enum removed", widened("enum value"), { enum: undefined }],
      ),
      ...when(
        type === "string",
        ["pattern added", narrowed("pattern"), { pattern: "^a" }],
        ["choice added", narrowed("alternative"), { oneOf: [{ maxLength: 3 }, { minLength: 9 }] }],
        ...when(values.length === 0, ["enum added", narrowed("enum value"), { enum: ["ONE", "TWO"] }]),
      ),
      ...when(type === "array", flip("uniqueItems", narrowed("uniqueItems"))),
      ...when(
        type === "object",
        ["additionalProperties closed", closed, { additionalProperties: false }],
        ["additionalProperties given a type", typed, { additionalProperties: string }],
      ),
    ]);
    if (type === "array") {
      walkSchema([...keys, "items"], side, `${place} › items`);
    }
    if (type === "object") {
      walkFields(keys, side, place);
    }
  };

  const walkFields = (keys: readonly string[], side: Side, place: string): void => {
    const node = at(document, ...keys);
    const required = list(node.required);
    const properties = isJson(node.properties) ? node.properties : {};
    const more = { ...properties, added: string };
    add(keys, side, `${place} › added`, [
      ["field added", added("field"), { properties: more }],
      ["required field added", added("field", true), { properties: more, required: [...required, "added"] }],
    ]);
    for (const [name, field] of Object.entries(properties)) {
      const isRequired = required.includes(name);
      const others = required.filter((other) => other !== name);
      const gone = removed("field", isRequired);
      const without = { ...properties, [name]: undefined };
      const hidden = { ...at(field), [side === "request" ? "readOnly" : "writeOnly"]: true };
      const renamed = [gone, on(`${place} › renamed`, added("field"))];
      add(keys, side, `${place} › ${name}`, [
        ["required flipped", requiredFlipped(isRequired), { required: isRequired ? others : [...required, name] }],
        ["field removed", gone, { properties: without, required: others }],
        ["field renamed", renamed, { properties: { ...without, renamed: field }, required: others }],
        ["field hidden", gone, { properties: { ...properties, [name]: hidden } }],
      ]);
      walkSchema([...keys, "properties", name], side, `${place} › ${name}`);
    }
  };

  const walkParameter = (keys: readonly string[], operation: string): void => {
    const node = at(document, ...keys);
    const [name, where] = [String(node.name), String(node.in)];
    const isRequired = node.required === true;
    const place = `${operation} › ${where} › ${name}`;
    const renamed = `${operation} › ${where} › renamed`;
    const gone = removed("parameter", isRequired);
    const instead = added("parameter", isRequired);
    const alias = { name: "renamed", "x-aliases": ["renamed", name] };
    const others = list(at(document, ...keys.slice(0, -2)).parameters).filter((other) => other !== node);
    add(keys.slice(0, -2), "request", place, [["parameter removed", gone, { parameters: others }]]);
    add(keys, "request", place, [
      ["parameter renamed", [gone, on(renamed, instead)], { name: "renamed" }],
      ["parameter renamed, with the old name as an alias", renamedTo(renamed, info("name")), alias],
      ["alias added", info("name"), { "x-aliases": ["another"] }],
      ["parameter moved to a header", [gone, on(`${operation} › header › ${name}`, instead)], { in: "header" }],
      ["required flipped", requiredFlipped(isRequired), { required: !isRequired }],
      ["explode flipped", differs("style"), { explode: where !== "query" }],
      ["style changed", differs("style"), { style: "pipeDelimited" }],
      ...deprecations,
    ]);
    walkSchema([...keys, "schema"], "request", place);
  };

  /** A request body or a response with JSON. */
  const walkContent = (keys: readonly string[], side: Side, place: string): void => {
    const { content } = at(document, ...keys);
    if (!isJson(content) || !isJson(content["application/json"])) {
      return;
    }
    const { "application/json": json, ...others } = content;
    const types = Object.keys(content).map((mediaType) => on(`${place} › ${mediaType}`, removed("media type")));
    const gone = on(`${place} › application/json`, removed("media type"));
    const instead = on(`${place} › text/json`, added("media type"));
    const xml = on(`${place} › application/xml`, added("media type"));
    add(keys, side, place, [
      ["media type added", xml, { content: { ...content, "application/xml": { schema: string } } }],
      ["media type changed", [gone, instead], { content: { ...others, "text/json": json } }],
      ["content removed", types, { content: undefined }],
    ]);
    walkSchema([...keys, "content", "application/json", "schema"], side, place);
  };

  const walkOperation = (path: string, method: string): void => {
    const keys = ["paths", path, method];
    const node = at(document, ...keys);
    const operation = String(node.operationId);
    const quota = (kind: string, value?: Json): Row => [kind, info("quota"), { "x-resource-limit-config": value }];
    const limit = (amount: number, period: string, duration = 1) => ({ amount, period, "period-duration": duration });
    const quotas = at(node, "x-resource-limit-config");
    const parameter = { in: "query", name: "added", schema: string };
    const parameterAdded = on(`${operation} › query › added`, added("parameter"));
    const requiredAdded = on(`${operation} › query › added`, added("parameter", true));
    const parameters = list(node.parameters);
    const request = `${operation} › request`;
    add(keys, "request", operation, [
      ...deprecations,
      quota("quota lowered", { none: limit(1, "hours") }),
      quota("quota for another period", { none: limit(1000, "minutes") }),
      quota("quota for a longer period", { none: limit(1000, "hours", 2) }),
      quota("quota of something else", { ...quotas, path: "chats" }),
      quota("quota of a tariff", { ...quotas, medium: limit(9, "hours") }),
      quota("quota removed"),
      ["operationId changed", renamedTo("renamed", info("operationId")), { operationId: "renamed" }],
      ["scope added", added("scope"), { "x-auth-scopes": ["communication", "chats"] }],
      ["scope replaced", replaced("scope"), { "x-auth-scopes": ["chats"] }],
      ["no key needed", removed("security"), { security: [] }],
      ["key not needed any more, but allowed", added("security"), { security: [{ ApiKey: [] }, {}] }],
      ["server for one operation", replaced("server"), { servers: [{ url: "https://example.com" }] }],
      ["parameter added", parameterAdded, { parameters: [...parameters, parameter] }],
      ["required parameter added", requiredAdded, { parameters: [...parameters, { ...parameter, required: true }] }],
    ]);
    const moved = { [path]: undefined, [path.replace("/v2/", "/")]: at(document, "paths", path) };
    add(["paths"], "request", operation, [["path moved", differs("moved"), moved]]);
    add(["paths", path], "request", operation, [
      ["method changed", differs("moved"), { [method]: undefined, put: node }],
      ["parameter added to the path item", parameterAdded, { parameters: [parameter] }],
      ["parameter added to the path item", requiredAdded, { parameters: [{ ...parameter, required: true }] }],
    ]);
    parameters.forEach((_, index) => walkParameter([...keys, "parameters", String(index)], operation));

    if (isJson(node.requestBody)) {
      const isRequired = node.requestBody.required === true;
      add([...keys, "requestBody"], "request", request, [
        ["required flipped", requiredFlipped(isRequired), { required: !isRequired }],
      ]);
      add(keys, "request", request, [["body removed", removed("body", isRequired), { requestBody: undefined }]]);
      walkContent([...keys, "requestBody"], "request", request);
    } else {
      add(keys, "request", request, [
        ["body added", added("body"), { requestBody: object }],
        ["body added", added("body", true), { requestBody: { ...object, required: true } }],
      ]);
    }

    const responses = [...keys, "responses"];
    for (const [status, isPresent] of [
      ["202", false],
      ["423", false],
      ...Object.keys(at(document, ...responses)).map((status) => [status, true] as const),
    ] as const) {
      const noun = status.startsWith("2") ? "response" : "error response";
      const place = `${operation} › response ${status}`;
      if (isPresent) {
        add(responses, "response", place, [[`${noun} removed`, removed(noun), { [status]: undefined }]]);
        walkContent([...responses, status], "response", place);
      } else {
        add(responses, "response", place, [[`${noun} added`, added(noun), { [status]: object }]]);
      }
    }
  };

  const operations = Object.entries(at(document, "paths")).flatMap(([path, item]) =>
    Object.keys(at(item)).map((method) => ({ path, method, id: String(at(item, method).operationId) })),
  );
  operations.forEach(({ path, method }) => walkOperation(path, method));

  /** Changes at the top level, which concern every operation. */
  const everywhere = (keys: readonly string[], rows: readonly Row[]) =>
    rows.forEach(([kind, dues, patch]) => {
      const all = operations.flatMap(({ id }) => [dues].flat().map((due) => on(id, due)));
      add(keys, "request", "", [[kind, all, patch]]);
    });
  const components = at(document, "components");
  const withScheme = (name: string, scheme: Json, security: Json[]) => {
    const securitySchemes = { ...at(components, "securitySchemes"), [name]: scheme };
    return { components: { ...components, securitySchemes }, security };
  };
  const oauth = withScheme("OAuth", { type: "oauth2", flows: {} }, [{ ApiKey: [] }, { OAuth: ["market"] }]);
  const second = withScheme("Second", { type: "http", scheme: "basic" }, [{ ApiKey: [], Second: [] }]);
  const other = { url: "https://example.com" };
  everywhere(
    ["components", "securitySchemes", "ApiKey"],
    [
      ["key in another header", replaced("security"), { name: "X-Api-Key" }],
      ["key in the query", replaced("security"), { in: "query" }],
      ["another kind of key", replaced("security"), { type: "http", scheme: "bearer" }],
    ],
  );
  everywhere(
    [],
    [
      ["another kind of security allowed", added("security"), oauth],
      ["a second key required", replaced("security"), second],
      ["server moved", replaced("server"), { servers: [other] }],
      ["server added", added("server"), { servers: [...list(document.servers), other] }],
      ["server removed", removed("server"), { servers: [] }],
    ],
  );
  return mutations;
}
