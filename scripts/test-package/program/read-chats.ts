/** A user's first program, which checks what it receives. It uses only the package: neither Node nor a browser. */
import { ApiError, type Chat, type ChatsClient, type ChatsClientOptions, MarketError } from "yandex-market-chats";
import { chatStatuses, createChatsClient } from "yandex-market-chats";

/** Another operation of the API. */
interface OtherPaths {
  "/v2/campaigns": {
    get: {
      parameters: {};
      responses: { 200: { content: { "application/json": { campaigns: { id: number }[] } } } };
    };
  };
}

/**
 * Lists chats, reads one, and requests one that does not exist.
 *
 * @param connection - Connection to the mock server.
 * @returns The number of chats.
 * @throws Error if a result is not the expected one.
 */
export async function readChats(connection: ChatsClientOptions): Promise<number> {
  let attempts = 0;
  const market = createChatsClient({ ...connection, integration: undefined, onAttempt: () => void (attempts += 1) });

  let count = 0;
  for await (const page of market.listChats({ statuses: undefined }).pages()) {
    count += page.chats.length;
  }
  check(count > 20 && attempts > 1, "a listing has several pages");

  const waiting: Chat[] = [];
  for await (const chat of market.listChats({ statuses: ["WAITING_FOR_PARTNER"] }, { limit: 2 })) {
    waiting.push(chat);
  }
  const [first] = waiting;
  check(first !== undefined && waiting.length < count, "some of the chats are waiting for a response");
  check(chatStatuses.includes(first.status), "the status of a chat is a known one");

  const { chatId, updatedAt } = await market.getChat(first.chatId);
  check(chatId === first.chatId && updatedAt === first.updatedAt, "getChat returns the listed chat");

  const params = { path: { businessId: connection.businessId }, query: { chatId } };
  const { data } = await market.api.GET("/v2/businesses/{businessId}/chat", { params });
  check(data?.result?.updatedAt === updatedAt, "the low-level API returns the same chat");

  const error: unknown = await market.getChat(Number.MAX_SAFE_INTEGER).catch((reason: unknown) => reason);
  check(error instanceof ApiError && error instanceof MarketError, "a chat that does not exist is an ApiError");
  check(error.status === 404 && error.errors.length > 0, "the error contains the errors of the API");

  const { data: other, response } = await createChatsClient<OtherPaths>(connection).api.GET("/v2/campaigns");
  check(response.status === 404 && other?.campaigns === undefined, "the mock server has no other operation");
  return count;
}

/** Never called. If a type were `any` in the declarations, the compiler would report unused directives. */
export function makeMistakes(market: ChatsClient, chat: Chat): void {
  // @ts-expect-error There is no such status.
  market.listChats({ statuses: ["ASLEEP"] });
  // @ts-expect-error There is no such field.
  void chat.chatID;
  // @ts-expect-error There is no such path.
  void market.api.GET("/v2/businesses/{businessId}/cats");
}

function check(condition: boolean, expectation: string): asserts condition {
  if (!condition) throw new Error(`failed: ${expectation}`);
}
