/** Reads an operation by meaning: where it is, who may call it and how often, what it takes and what it answers. */
import {
  chainOf,
  follow,
  isObject,
  type JsonObject,
  listAt,
  objectAt,
  type OpenApiDocument,
  textAt,
} from "./document.js";
import { nothing, type Part } from "./part.js";
import type { Direction, Fact } from "./policy.js";
import { schemaPart, toFact } from "./schema.js";

export interface Operation {
  readonly document: OpenApiDocument;
  readonly id: string | undefined;
  /** Such as `POST /v2/businesses/{businessId}/chats`. */
  readonly address: string;
  readonly node: JsonObject;
  readonly pathItem: JsonObject;
}

const methods = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);

export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(objectAt(document.root, "paths")).flatMap(([path, item]) => {
    const pathItem = follow(document, item);
    return Object.entries(pathItem).flatMap(([method, node]) =>
      methods.has(method) && isObject(node)
        ? [{ document, id: textAt(node, "operationId"), address: `${method.toUpperCase()} ${path}`, node, pathItem }]
        : [],
    );
  });
}

/** @param ours the operation that it is compared with: a parameter of both goes by the name that it has there */
export function operationPart(operation: Operation, ours: Operation): Part {
  const { document, node, pathItem } = operation;
  const parts = new Map<string, () => Part>();
  const ourParameters = parametersOf(ours);
  for (const parameter of parametersOf(operation)) {
    const same = ourParameters.find(
      (our) => our.in === parameter.in && our.names.some((name) => parameter.names.includes(name)),
    );
    parts.set(`${parameter.in} › ${(same ?? parameter).name}`, () => parameterPart(document, parameter));
  }
  if (node.requestBody !== undefined) {
    parts.set("request", () => contentPart(document, node.requestBody, "request", "body"));
  }
  for (const [status, response] of Object.entries(objectAt(node, "responses"))) {
    const noun = /^[45d]/.test(status) ? "error response" : "response";
    parts.set(`response ${status}`, () => contentPart(document, response, "response", noun));
  }
  const facts = defined({
    moved: operation.address,
    operationId: operation.id,
    deprecated: node.deprecated === true,
    deprecation: deprecationOf(node),
    server: serversOf(operation),
    security: securityOf(operation),
    // Ours need not list the scopes that a key needs. If it does, they are compared.
    scope: "x-auth-scopes" in ours.node ? listAt(node, "x-auth-scopes").map(String) : undefined,
    quota: quotaOf(node),
  });
  const sources = [document.root, pathItem, node];
  return { ...nothing("request"), noun: "operation", facts, parts, sources };
}

interface Parameter {
  readonly in: string;
  readonly name: string;
  /** The name and the aliases: any of them reaches it. */
  readonly names: readonly string[];
  readonly node: JsonObject;
  readonly sources: readonly JsonObject[];
}

/** The parameters of the path and of the operation; the latter win. */
function parametersOf({ document, node, pathItem }: Operation): Parameter[] {
  const parameters = new Map<string, Parameter>();
  for (const listed of [...listAt(pathItem, "parameters"), ...listAt(node, "parameters")]) {
    const parameter = follow(document, listed);
    const name = textAt(parameter, "name") ?? "";
    const place = textAt(parameter, "in") ?? "";
    const aliases = listAt(parameter, "x-aliases")
      .map(String)
      .filter((alias) => alias !== name);
    const names = [name, ...aliases.sort()];
    parameters.set(`${place} ${name}`, { in: place, name, names, node: parameter, sources: chainOf(document, listed) });
  }
  return [...parameters.values()];
}

function parameterPart(document: OpenApiDocument, { in: place, names, node, sources }: Parameter): Part {
  const [name, ...aliases] = names;
  const schema = schemaPart(document, [node.schema], "request", "parameter");
  const usualStyle = place === "query" || place === "cookie" ? "form" : "simple";
  const { style = usualStyle, explode = style === "form" } = node;
  const facts = defined({
    name: aliases.length === 0 ? name : `${name} (also ${aliases.join(", ")})`,
    required: node.required === true,
    deprecated: node.deprecated === true || schema.facts.get("deprecated"),
    deprecation: deprecationOf(node),
    style: style === usualStyle ? undefined : toFact(style),
    explode: explode === (style === "form") ? undefined : toFact(explode),
  });
  return {
    ...schema,
    facts: new Map([...schema.facts, ...facts]),
    parts: new Map([...schema.parts, ...mediaTypesOf(document, node, "request")]),
    sources: [...sources, ...schema.sources],
  };
}

/** A request body or a response. */
function contentPart(document: OpenApiDocument, node: unknown, direction: Direction, noun: string): Part {
  const content = follow(document, node);
  const facts = defined({ required: content.required === true });
  const parts = mediaTypesOf(document, content, direction);
  return { ...nothing(direction), noun, facts, parts, sources: chainOf(document, node) };
}

function mediaTypesOf(document: OpenApiDocument, owner: JsonObject, direction: Direction): Map<string, () => Part> {
  return new Map(
    Object.entries(objectAt(owner, "content")).map(([mediaType, content]) => [
      mediaType.replace(/;.*/, "").trim().toLowerCase(),
      () => schemaPart(document, isObject(content) ? [content.schema] : [], direction, "media type"),
    ]),
  );
}

function serversOf({ document, node, pathItem }: Operation): string[] {
  const lists = [node, pathItem, document.root].map((owner) => listAt(owner, "servers"));
  const servers = lists.find((list) => list.length > 0) ?? [];
  return servers.map((server) => (textAt(server, "url") ?? "").replace(/\/$/, ""));
}

/** Each way to be let in. It is told in words, as the name of a scheme means nothing. */
function securityOf({ document, node }: Operation): string[] {
  const schemes = objectAt(objectAt(document.root, "components"), "securitySchemes");
  return listAt("security" in node ? node : document.root, "security").map((alternative) => {
    const required = Object.keys(isObject(alternative) ? alternative : {}).map((name) => {
      const { type = name, ...rest } = follow(document, schemes[name]);
      const scopes = listAt(alternative, name).map((scope) => `scope ${String(scope)}`);
      return `${String(type)} (${[...leavesOf(rest), ...scopes].sort().join(", ")})`;
    });
    return required.sort().join(" and ") || "none needed";
  });
}

/** What is said of a scheme, as `in header` or `flows implicit authorizationUrl https://…`; wording apart. */
function leavesOf(node: JsonObject): string[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === "description" || key === "scopes" || key.startsWith("x-")) {
      return [];
    }
    return isObject(value) ? leavesOf(value).map((leaf) => `${key} ${leaf}`) : [`${key} ${toFact(value)}`];
  });
}

/** The documented quota, as `5000 per hour`, with that of the paid tariffs where it is another one. */
function quotaOf(operation: JsonObject): string | undefined {
  const { path = "resp", ...tariffs } = objectAt(operation, "x-resource-limit-config");
  const quotas = Object.entries(tariffs).flatMap(([tariff, quota]) =>
    isObject(quota) ? [[tariff, describeQuota(quota)] as const] : [],
  );
  const [, base] = quotas.find(([tariff]) => tariff === "none") ?? [];
  if (base === undefined) {
    return undefined;
  }
  const others = quotas.filter(([, quota]) => quota !== base).map(([tariff, quota]) => `, ${tariff} ${quota}`);
  // `resp` counts requests; anything else names the list whose items are counted.
  return `${base}${path === "resp" ? "" : ` for each of ${String(path)}`}${others.sort().join("")}`;
}

function describeQuota({ amount, period, "period-duration": duration = 1 }: JsonObject): string {
  const periods = duration === 1 ? String(period).replace(/s$/, "") : `${String(duration)} ${String(period)}`;
  return `${String(amount)} per ${periods}`;
}

function deprecationOf(node: JsonObject): Fact | undefined {
  return node["x-deprecation-config"] === undefined ? undefined : toFact(node["x-deprecation-config"]);
}

function defined(facts: Readonly<Record<string, Fact | undefined>>): Map<string, Fact> {
  return new Map(Object.entries(facts).flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact]])));
}
