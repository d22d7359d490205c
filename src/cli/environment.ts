import { type ChatsClient, createChatsClient } from "../index.js";
import { describeError, progress, UsageError } from "./output.js";
import { isId } from "./arguments.js";

const variables = {
  apiKey: "YANDEX_MARKET_API_KEY",
  businessId: "YANDEX_MARKET_BUSINESS_ID",
  baseUrl: "YANDEX_MARKET_BASE_URL",
};

interface Credentials {
  readonly apiKey: string;
  readonly businessId: number;
  readonly baseUrl: string | undefined;
}

/**
 * Returns the credentials from environment variables, or undefined if none is set. An empty variable counts as not set.
 *
 * @throws UsageError that names a variable that is invalid, or missing while another one is set.
 */
export function readCredentials(environment: NodeJS.ProcessEnv): Credentials | undefined {
  const apiKey = environment[variables.apiKey] || undefined;
  const businessId = environment[variables.businessId] || undefined;
  const baseUrl = environment[variables.baseUrl] || undefined;
  if (apiKey === undefined && businessId === undefined && baseUrl === undefined) {
    return undefined;
  }
  if (apiKey === undefined || businessId === undefined) {
    // Without this error, the sample chats could be mistaken for the chats of the cabinet.
    const missing = [variables.apiKey, variables.businessId].filter((name) => !environment[name]);
    throw new UsageError(`${missing.join(" and ")} must be set too; sample chats are used if no variable is set`);
  }
  if (!isId(businessId)) {
    // Does not show the value: it is the key if the two variables are swapped.
    throw new UsageError(`${variables.businessId} must be the ID of the cabinet, a positive integer`);
  }
  return { apiKey, businessId: Number(businessId), baseUrl };
}

/** A client, and the text that tells the user which chats it accesses. */
export interface Connection extends AsyncDisposable {
  readonly market: ChatsClient;
  readonly source: string;
  readonly isSample: boolean;
}

/** Connects to the API, or to a mock server with sample chats if no environment variable is set. */
export async function connect({ allowHttp }: { allowHttp: boolean }): Promise<Connection> {
  const credentials = readCredentials(process.env);
  if (credentials !== undefined) {
    const { businessId, baseUrl } = credentials;
    return {
      market: createClient({ ...credentials, allowHttp }),
      source: `chats of cabinet ${businessId}${baseUrl === undefined ? "" : ` at ${baseUrl}`}`,
      isSample: false,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  // Imported here, since most calls need no mock server.
  const { sampleChats, startMarketServer } = await import("../testing/index.js");
  const server = await startMarketServer({ chats: sampleChats(50, { now: new Date() }) });
  return {
    market: createClient({ ...server, allowHttp }),
    source: `sample chats: ${variables.apiKey} and ${variables.businessId} are not set`,
    isSample: true,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function createClient({ apiKey, businessId, baseUrl, allowHttp }: Credentials & { allowHttp: boolean }): ChatsClient {
  try {
    return createChatsClient({
      apiKey,
      businessId,
      baseUrl,
      allowHttp,
      integration: "yandex-market-chats",
      onAttempt({ error, retryInMs }) {
        if (retryInMs !== undefined) {
          progress.showTransient(`${describeError(error)}; next attempt in ${Math.ceil(retryInMs / 1000)} s`);
        }
      },
    });
  } catch (error) {
    // The user knows the variables and not the options of the client.
    const message = describeError(error)
      .replace(/^apiKey\b/, variables.apiKey)
      .replace(/^baseUrl\b/, variables.baseUrl)
      .replace("allowHttp permits", "--allow-http permits");
    throw new UsageError(message);
  }
}
