import { Option } from "@commander-js/extra-typings";
import { type ChatsClientOptions, createChatsClient } from "../index.js";
import { isId } from "./arguments.js";
import { describeError, progress, UsageError } from "./output.js";

const variables = {
  apiKey: "YANDEX_MARKET_API_KEY",
  businessId: "YANDEX_MARKET_BUSINESS_ID",
  baseUrl: "YANDEX_MARKET_BASE_URL",
};

export const environmentHelp = `
Environment variables:
  ${variables.apiKey}      API key of the cabinet, with one of the scopes
                             communication, all-methods, all-methods:read-only
  ${variables.businessId}  ID of the cabinet (business account)
  ${variables.baseUrl}     another server: sellers in Uzbekistan use
                             https://api.partner.market.yandex.net
  NO_COLOR                   any value disables colors
If none of the first three is set, the command uses sample chats. For a proxy,
set HTTPS_PROXY and NODE_USE_ENV_PROXY=1 (Node.js 24; for older versions, see
docs/recipes.md), and for certificates of your company NODE_EXTRA_CA_CERTS.

Exit codes: 0, 1 after an error, 2 after an invalid argument, 130 after Ctrl-C.
`;

export const allowHttpOption = () =>
  new Option("--allow-http", "allow http for other hosts than localhost; the key is then sent unencrypted");

/**
 * Returns the credentials from environment variables, or undefined if none is set. An empty variable counts as not set.
 *
 * @throws UsageError that names a variable that is invalid, or missing while another one is set.
 */
export function readCredentials(environment: NodeJS.ProcessEnv) {
  const [apiKey, businessId, baseUrl] = Object.values(variables).map((name) => environment[name] || undefined);
  if (!apiKey && !businessId && !baseUrl) return undefined;
  if (!apiKey || !businessId) {
    // Without this error, the sample chats could be mistaken for the chats of the cabinet.
    const missing = [variables.apiKey, variables.businessId].filter((name) => !environment[name]);
    throw new UsageError(`${missing.join(" and ")} must be set too; sample chats are used if no variable is set`);
  }
  // Does not show the value: it is the key if the two variables are swapped.
  if (!isId(businessId)) throw new UsageError(`${variables.businessId} must be the ID of the cabinet`);
  return { apiKey, businessId: Number(businessId), baseUrl };
}

/** Connects to the API, or to a mock server with sample chats if no environment variable is set. */
export async function connect(allowHttp: boolean) {
  const credentials = readCredentials(process.env);
  if (credentials === undefined) {
    // Imported here, since most calls need no mock server.
    const { sampleChats, startMarketServer } = await import("../testing/index.js");
    const server = await startMarketServer({ chats: sampleChats(50, { now: new Date() }) });
    const source = `sample chats: ${variables.apiKey} is not set`;
    return { market: createClient(server), source, isSample: true, [Symbol.asyncDispose]: server.close };
  }
  const { businessId, baseUrl } = credentials;
  const source = `chats of cabinet ${businessId}${baseUrl === undefined ? "" : ` at ${baseUrl}`}`;
  const market = createClient({ ...credentials, allowHttp });
  return { market, source, isSample: false, [Symbol.asyncDispose]: async () => undefined };
}

function createClient({ apiKey, businessId, baseUrl, allowHttp }: ChatsClientOptions) {
  const onAttempt: ChatsClientOptions["onAttempt"] = ({ error, retryInMs }) => {
    if (retryInMs === undefined) return;
    progress.showTransient(`${describeError(error)}; next attempt in ${Math.ceil(retryInMs / 1000)} s`);
  };
  try {
    return createChatsClient({ apiKey, businessId, baseUrl, allowHttp, integration: "yandex-market-chats", onAttempt });
  } catch (error) {
    // The user knows the variables and not the options of the client.
    const message = describeError(error)
      .replace(/^apiKey\b/, variables.apiKey)
      .replace(/^baseUrl\b/, variables.baseUrl)
      .replace("allowHttp permits", "--allow-http permits");
    throw new UsageError(message);
  }
}
