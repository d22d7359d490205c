/** Finds the operations of a document, with the properties that they inherit from the path item and the document. */
import { isRecord } from "../../src/check.js";
import { entriesOf, type JsonObject, toList, toObject } from "./document.js";
import { toText } from "./facts.js";

export type Operation = ReturnType<typeof findOperations>[number];

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** Returns the operations with their name, which is the ID, or the route if there is none. */
export function findOperations(document: JsonObject) {
  return entriesOf(document.paths).flatMap(([path, value]) => {
    const item = toObject(value);
    const found = methods.filter((method) => isRecord(item[method]));
    return found.map((method) => {
      const inherited: JsonObject = { servers: item.servers ?? document.servers, security: document.security };
      const { servers, security, ...own } = { ...inherited, ...toObject(item[method]) };
      // A parameter of the operation replaces the one of the path item with the same name and place.
      const parameters = [...toList(item.parameters), ...toList(own.parameters)].map(toObject);
      const route = `${method.toUpperCase()} ${path}`;
      const node = {
        ...own,
        moved: route, // The wording of the report: "moved: GET /a -> GET /b".
        server: toList(servers).map((server) => String(toObject(server).url).replace(/\/$/, "")),
        security: toList(security).map((alternative) => describeSecurity(document, toObject(alternative))),
        parameters: [...new Map(parameters.map((one) => [`${String(one.in)} ${String(one.name)}`, one])).values()],
      };
      return { name: String(own.operationId ?? route), route, tags: toList(own.tags), node };
    });
  });
}

/** An alternative as text, since the name of a scheme has no meaning. */
function describeSecurity(document: JsonObject, alternative: JsonObject): string {
  const schemes = toObject(toObject(document.components).securitySchemes);
  const required = Object.entries(alternative).map(([name, scopes]) => {
    const { type = name, ...rest } = toObject(schemes[name]);
    const texts = toList(scopes).map((scope) => `scope ${String(scope)}`);
    return `${String(type)} (${[toText(rest), ...texts.sort()].filter(Boolean).join(", ")})`;
  });
  return required.sort().join(" and ") || "none needed";
}
