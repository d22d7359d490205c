import { Option } from "@commander-js/extra-typings";
import { type Attempt, type ChatsClientOptions, createChatsClient } from "../index.js";
import { sampleChats, startMarketServer } from "../testing/index.js";
import { readBusinessId } from "./arguments.js";
import { describeError, logToStderr, toUsageError, UsageError } from "./output.js";

export const environmentHelp = `
Environment variables:
  YANDEX_MARKET_API_KEY      API key of the cabinet, with one of the scopes
                             communication, all-methods, all-methods:read-only
  YANDEX_MARKET_BUSINESS_ID  ID of the cabinet (business account)
  YANDEX_MARKET_BASE_URL     another server: sellers in Uzbekistan use
                             https://api.partner.market.yandex.net
  NO_COLOR                   any value disables colors
If none of the first three is set, the command uses sample chats. For a proxy,
set HTTPS_PROXY and NODE_USE_ENV_PROXY=1 (Node.js 24; for older versions, see
docs/recipes.md), and for certificates of your company NODE_EXTRA_CA_CERTS.

Exit codes: 0, 1 after an error, 2 after an invalid argument, 130 after Ctrl-C.
`;

export const allowHttpOption = () =>
  new Option("--allow-http", "allow http for other hosts than localhost; the key is then sent unencrypted");

/** Connects to the API, or to a mock server with sample chats if no environment variable is set. */
export async function connect(allowHttp: boolean | undefined) {
  const apiKey = process.env["YANDEX_MARKET_API_KEY"];
  const id = process.env["YANDEX_MARKET_BUSINESS_ID"];
  const baseUrl = process.env["YANDEX_MARKET_BASE_URL"] || undefined;
  // An empty variable counts as not set.
  if (!apiKey && !id && !baseUrl) {
    const server = await startMarketServer({ chats: sampleChats(50, { now: new Date() }) });
    const source = "sample chats: YANDEX_MARKET_API_KEY is not set";
    return { market: createClient(server), source, isSample: true, [Symbol.asyncDispose]: server.close };
  }
  if (!apiKey || !id) {
    // Without this error, the sample chats could be mistaken for the chats of the cabinet.
    const missing = ["YANDEX_MARKET_API_KEY", "YANDEX_MARKET_BUSINESS_ID"].filter((name) => !process.env[name]);
    throw new UsageError(`${missing.join(" and ")} must be set too; sample chats are used if no variable is set`);
  }
  const businessId = readBusinessId("YANDEX_MARKET_BUSINESS_ID", id);
  const source = `chats of cabinet ${businessId}${baseUrl === undefined ? "" : ` at ${baseUrl}`}`;
  const market = createClient({ apiKey, businessId, baseUrl, allowHttp });
  return { market, source, isSample: false, [Symbol.asyncDispose]: async () => undefined };
}

function createClient(options: ChatsClientOptions) {
  try {
    return createChatsClient({ ...options, integration: "yandex-market-chats", onAttempt: logRetry });
  } catch (error) {
    const variables = { apiKey: "YANDEX_MARKET_API_KEY", baseUrl: "YANDEX_MARKET_BASE_URL" };
    throw toUsageError(error, { ...variables, allowHttp: "--allow-http" });
  }
}

function logRetry({ error, retryInMs }: Attempt): void {
  if (retryInMs === undefined) return;
  logToStderr(`${describeError(error)}; next attempt in ${(retryInMs / 1000).toFixed(1)} s`);
}
