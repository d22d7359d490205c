/** Answers as they go out: the Market's own, and what a fault makes of them. */
import type { ApiErrorResponse } from "../generated/types.js";
import type { Fault, FaultHeaders, StatusFault } from "./faults.js";
import {
  type Answer,
  complete,
  type Market,
  pageTokenOf,
  refuse,
  type Reply,
  reply,
  toAnswer,
  type Visit,
} from "./market.js";

/** What a request gets, if a fault meets it or not. What the fault does to the connection is not seen here. */
export function answer(market: Market, visit: Visit, fault: Fault | undefined): Answer {
  const { status, headers, body } = makeAnswer(market, visit, fault);
  const general = { Date: new Date(visit.now).toUTCString(), "Content-Length": String(Buffer.byteLength(body)) };
  const overrides = fault !== undefined && "headers" in fault ? fault.headers : undefined;
  return { status, headers: override({ ...general, ...headers }, overrides), body };
}

function makeAnswer(market: Market, visit: Visit, fault: Fault | undefined): Answer {
  switch (fault?.kind) {
    case "status": {
      const { body = JSON.stringify(errorBody(fault)), status } = fault;
      return complete(market, visit, { status, headers: {}, body });
    }
    case "body":
      return complete(market, visit, { status: 200, headers: {}, body: fault.body });
    case "html":
      return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: robotCheck };
    case "redirect":
      return { status: fault.status ?? 302, headers: { Location: fault.location }, body: "" };
    case "unsafeInteger": {
      const ordinary = toAnswer(market, visit, reply(market, visit));
      return { ...ordinary, body: ordinary.body.replace(/"chatId":\d+/, '"chatId":9007199254740993') };
    }
    case "repeatToken":
      return toAnswer(market, visit, withToken(reply(market, visit), pageTokenOf(visit.request)));
    case "delay":
    case "cut":
    case undefined:
      return toAnswer(market, visit, reply(market, visit));
  }
}

function errorBody({ status, errors }: StatusFault): ApiErrorResponse {
  return errors === undefined ? refuse(status).body : { status: "ERROR", errors: errors && [...errors] };
}

/** The reply with another token for the next page, if it is a page. */
function withToken(ordinary: Reply, nextPageToken: string | undefined): Reply {
  const { body } = ordinary;
  if (nextPageToken === undefined || !("result" in body) || body.result === undefined || !("chats" in body.result)) {
    return ordinary;
  }
  return { ...ordinary, body: { ...body, result: { ...body.result, paging: { nextPageToken } } } };
}

function override(headers: Record<string, string>, overrides: FaultHeaders = {}): Record<string, string> {
  const names = Object.keys(overrides).map((name) => name.toLowerCase());
  const entries = Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase()));
  for (const [name, value] of Object.entries(overrides)) {
    if (value !== null) {
      entries.push([name, value]);
    }
  }
  return Object.fromEntries(entries);
}

const robotCheck = `<!DOCTYPE html>
<html lang="ru">
  <head><meta charset="utf-8"><title>Вы не робот?</title></head>
  <body><h1>Подтвердите, что запросы отправляли вы, а не робот</h1></body>
</html>
`;
