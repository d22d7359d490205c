/** Reads an operation by meaning: its address, security, quota, parameters, request and responses. */
import { chainOf, follow, isObject, type JsonObject, listAt, objectAt, textAt } from "./document.js";
import { emptyPart, type Facts, type Part } from "./part.js";
import { schemaPart, toFact } from "./schema.js";

export interface Operation {
  readonly document: JsonObject;
  /** The ID, or the address if there is none. */
  readonly name: string;
  /** Such as `POST /v2/businesses/{businessId}/chats`. */
  readonly address: string;
  /** With the properties that it inherits from the path item and from the document. */
  readonly node: JsonObject;
  readonly sources: readonly JsonObject[];
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

export function operationsOf(document: JsonObject): Operation[] {
  const { servers, security } = document;
  return Object.entries(objectAt(document, "paths")).flatMap(([path, item]) => {
    const pathItem = follow(document, item);
    return Object.entries(pathItem).flatMap(([method, own]) => {
      if (!methods.includes(method) || !isObject(own)) {
        return [];
      }
      // Where a name occurs twice, the parameter of the operation comes last and takes precedence.
      const parameters = [...listAt(pathItem, "parameters"), ...listAt(own, "parameters")];
      const node = { servers: pathItem.servers ?? servers, security, ...own, parameters };
      const address = `${method.toUpperCase()} ${path}`;
      const name = textAt(own, "operationId") ?? address;
      return [{ document, name, address, node, sources: [document, pathItem, own] }];
    });
  });
}

/** @param ours the operation to compare with: a parameter that both have gets its name there */
export function operationPart(operation: Operation, ours: Operation): Part {
  const { document, node, sources } = operation;
  const parts: Record<string, () => Part> = {};
  const ourParameters = parametersOf(ours);
  for (const { place, names, listed, style } of parametersOf(operation)) {
    const same = ourParameters.find((our) => our.place === place && our.names.some((name) => names.includes(name)));
    const [name, ...aliases] = names;
    const facts = { name: aliases.length === 0 ? name : `${name} (also ${aliases.join(", ")})`, style };
    parts[`${place} › ${(same?.names ?? names)[0]}`] = () => contentPart(document, listed, "parameter", facts);
  }
  if (node.requestBody !== undefined) {
    parts.request = () => contentPart(document, node.requestBody, "body");
  }
  for (const [status, response] of Object.entries(objectAt(node, "responses"))) {
    const noun = /^[45d]/.test(status) ? "error response" : "response";
    parts[`response ${status}`] = () => contentPart(document, response, noun);
  }
  const facts = {
    moved: operation.address,
    operationId: textAt(node, "operationId"),
    deprecated: node.deprecated === true,
    deprecation: toFact(node["x-deprecation-config"]),
    server: listAt(node, "servers").map((server) => (textAt(server, "url") ?? "").replace(/\/$/, "")),
    security: securityOf(operation),
    // Scopes are optional in our document, and compared only if it lists them.
    scope: "x-auth-scopes" in ours.node ? listAt(node, "x-auth-scopes").map(String) : undefined,
    quota: quotaOf(node),
  };
  return { ...emptyPart, noun: "operation", facts, parts, sources };
}

function parametersOf({ document, node }: Operation) {
  return listAt(node, "parameters").map((listed) => {
    const parameter = follow(document, listed);
    const [name = "", place = ""] = [textAt(parameter, "name"), textAt(parameter, "in")];
    const aliases = listAt(parameter, "x-aliases").map(String).sort();
    const names = [name, ...aliases.filter((alias) => alias !== name)] as const;
    const defaultStyle = place === "query" || place === "cookie" ? "form" : "simple";
    const { style = defaultStyle, explode = style === "form" } = parameter;
    const isDefault = style === defaultStyle && explode === (style === "form");
    return { listed, place, names, style: isDefault ? undefined : toFact({ style, explode }) };
  });
}

/** A parameter, a request body or a response: a schema, or a schema for each media type. */
function contentPart(document: JsonObject, node: unknown, noun: string, facts: Facts = {}): Part {
  const content = follow(document, node);
  const direction = noun.endsWith("response") ? "response" : "request";
  const schema = schemaPart(document, [content.schema], direction, noun);
  const mediaTypes = Object.entries(objectAt(content, "content")).map(([mediaType, inner]) => [
    mediaType.replace(/;.*/, "").trim().toLowerCase(),
    () => schemaPart(document, isObject(inner) ? [inner.schema] : [], direction, "media type"),
  ]);
  const ownFacts = {
    required: content.required === true,
    deprecated: content.deprecated === true || schema.facts.deprecated,
    deprecation: toFact(content["x-deprecation-config"]) ?? schema.facts.deprecation,
  };
  return {
    ...schema,
    facts: { ...schema.facts, ...ownFacts, ...facts },
    parts: { ...schema.parts, ...Object.fromEntries(mediaTypes) },
    sources: [...chainOf(document, node), ...schema.sources],
  };
}

/** Each security alternative as text, since the name of a scheme has no meaning. */
function securityOf({ document, node }: Operation): string[] {
  const schemes = objectAt(objectAt(document, "components"), "securitySchemes");
  return listAt(node, "security").map((alternative) => {
    const required = Object.keys(isObject(alternative) ? alternative : {}).map((name) => {
      const { type = name, ...rest } = follow(document, schemes[name]);
      const scopes = listAt(alternative, name).map((scope) => `scope ${String(scope)}`);
      return `${String(type)} (${[toFact(rest), ...scopes.sort()].filter(Boolean).join(", ")})`;
    });
    return required.sort().join(" and ") || "none needed";
  });
}

/** The documented quota, such as `5000 per hour`, with the quotas of paid tariffs if they differ. */
function quotaOf(operation: JsonObject): string | undefined {
  const { path = "resp", none, ...tariffs } = objectAt(operation, "x-resource-limit-config");
  if (!isObject(none)) {
    return undefined;
  }
  const base = describeQuota(none);
  const others = Object.entries(tariffs).map(([tariff, quota]) => [tariff, describeQuota(quota)]);
  const texts = others.filter(([, quota]) => quota !== base).map((words) => `, ${words.join(" ")}`);
  // `resp` counts requests. Any other value is the list whose items are counted.
  return `${base}${path === "resp" ? "" : ` for each of ${String(path)}`}${texts.sort().join("")}`;
}

function describeQuota(quota: unknown): string {
  const { amount, period, "period-duration": duration = 1 } = isObject(quota) ? quota : {};
  const periods = duration === 1 ? String(period).replace(/s$/, "") : `${String(duration)} ${String(period)}`;
  return `${String(amount)} per ${periods}`;
}
