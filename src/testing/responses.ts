/** Responses as they are sent: those of the API, and what an injected fault makes of them. */
import { endpoints } from "../generated/constants.js";
import { type ApiResult, errorResult } from "./api-result.js";
import type { Fault, FaultHeaders } from "./faults.js";
import { handleRequest, type RequestContext } from "./handler.js";
import { countResponse, getQuotaHeaders } from "./quota.js";
import { getPageToken } from "./request-log.js";
import type { Market } from "./state.js";

/** A response, serialized. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Creates the response to a request. A fault of the connection is applied when the response is sent. */
export function createResponse(market: Market, context: RequestContext, fault: Fault | undefined): HttpResponse {
  const { status, headers, body } = applyFault(market, context, fault);
  const general = { Date: new Date(context.now).toUTCString(), "Content-Length": String(Buffer.byteLength(body)) };
  const overrides = fault !== undefined && "headers" in fault ? fault.headers : undefined;
  return { status, headers: overrideHeaders({ ...general, ...headers }, overrides), body };
}

function applyFault(market: Market, context: RequestContext, fault: Fault | undefined): HttpResponse {
  const getResult = () => handleRequest(market, context);
  const respond = (result: ApiResult) => addCommonHeaders(market, context, serialize(result));
  switch (fault?.kind) {
    case "status": {
      const { status, errors } = fault;
      const documented = errors === undefined ? errorResult(status).body : { status: "ERROR", errors };
      return addCommonHeaders(market, context, { status, headers: {}, body: fault.body ?? JSON.stringify(documented) });
    }
    case "body":
      return addCommonHeaders(market, context, { status: 200, headers: {}, body: fault.body });
    case "html":
      return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: robotCheck };
    case "redirect":
      return { status: fault.status ?? 302, headers: { Location: fault.location }, body: "" };
    case "unsafeInteger": {
      const response = respond(getResult());
      return { ...response, body: response.body.replace(/Id":\d+/, 'Id":9007199254740993') };
    }
    case "repeatToken":
      return respond(repeatToken(context, getResult()));
    default:
      return respond(getResult());
  }
}

export function serialize({ status, headers, body }: ApiResult): HttpResponse {
  return { status, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) };
}

/** Counts a response toward the quota and adds the headers that all responses of the API have. */
function addCommonHeaders(market: Market, { request, now }: RequestContext, response: HttpResponse): HttpResponse {
  // A path that belongs to no operation has no quota.
  const quota = request.operation && market.quotas[request.operation];
  if (quota !== undefined) {
    countResponse(quota, response.status, now);
  }
  const quotaHeaders = quota && getQuotaHeaders(quota, now);
  return { ...response, headers: { "Content-Type": "application/json", ...quotaHeaders, ...response.headers } };
}

/** Replaces the token of the next page by the token of the request, if the result is a page. */
function repeatToken({ request }: RequestContext, result: ApiResult): ApiResult {
  const isPage = request.operation !== undefined && "limit" in endpoints[request.operation];
  if (!isPage || result.body.result === undefined) {
    return result;
  }
  const paging = { nextPageToken: getPageToken(request) };
  return { ...result, body: { ...result.body, result: { ...result.body.result, paging } } };
}

function overrideHeaders(headers: Record<string, string>, overrides: FaultHeaders = {}): Record<string, string> {
  const names = Object.keys(overrides).map((name) => name.toLowerCase());
  const kept = Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase()));
  const added = Object.entries(overrides).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  return Object.fromEntries([...kept, ...added]) as Record<string, string>;
}

const robotCheck = `<!DOCTYPE html>
<html lang="ru">
  <head><meta charset="utf-8"><title>Вы не робот?</title></head>
  <body><h1>Подтвердите, что запросы отправляли вы, а не робот</h1></body>
</html>
`;
