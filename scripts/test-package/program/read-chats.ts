/** A user's first program, which checks what it receives. It uses only the package: neither Node nor a browser. */
import {
  ApiError,
  type Attempt,
  type Chat,
  type ChatsClient,
  type ChatsClientOptions,
  type ChatStatus,
  chatStatuses,
  createChatsClient,
  MarketError,
} from "yandex-market-chats";

type Connection = Pick<ChatsClientOptions, "apiKey" | "baseUrl" | "businessId">;

/** Another operation of the API. */
interface HistoryPaths {
  "/v2/businesses/{businessId}/chats/history": {
    post: {
      parameters: { path: { businessId: number }; query: { chatId: number } };
      requestBody: { content: { "application/json": { messageIdFrom?: number } } };
      responses: { 200: { content: { "application/json": { result?: { messages: { message: string }[] } } } } };
    };
  };
}

/**
 * Lists chats, reads one, and requests one that does not exist.
 *
 * @param connection - Connection to the mock server.
 * @param statuses - Undefined for all chats.
 * @returns The number of chats.
 * @throws Error if a result is not the expected one.
 */
export async function readChats(connection: Connection, statuses?: ChatStatus[]): Promise<number> {
  const attempts: Attempt[] = [];
  const onAttempt = (attempt: Attempt) => void attempts.push(attempt);
  const market = createChatsClient({ ...connection, integration: undefined, onAttempt });

  let count = 0;
  for await (const page of market.listChats({ statuses }).pages()) {
    count += page.chats.length;
  }
  check(count > 20 && attempts.length > 1, "a listing has several pages");

  const waiting: Chat[] = [];
  for await (const chat of market.listChats({ statuses: ["WAITING_FOR_PARTNER"] }, { limit: 2 })) {
    waiting.push(chat);
  }
  const [first] = waiting;
  check(first !== undefined && waiting.length < count, "some of the chats are waiting for a response");
  check(chatStatuses.includes(first.status), "the status of a chat is a known one");

  const chat = await market.getChat(first.chatId);
  check(chat.chatId === first.chatId && chat.updatedAt === first.updatedAt, "getChat returns the listed chat");

  const { data } = await market.api.GET("/v2/businesses/{businessId}/chat", {
    params: { path: { businessId: connection.businessId }, query: { chatId: first.chatId } },
  });
  check(data?.result?.updatedAt === first.updatedAt, "the low-level API returns the same chat");

  const error: unknown = await market.getChat(Number.MAX_SAFE_INTEGER).catch((reason: unknown) => reason);
  check(error instanceof ApiError && error instanceof MarketError, "a chat that does not exist is an ApiError");
  check(error.status === 404 && error.errors.length > 0, "the error contains the errors of the API");

  const params = { path: { businessId: connection.businessId }, query: { chatId: first.chatId } };
  const history = await createChatsClient<HistoryPaths>(connection).api.POST(
    "/v2/businesses/{businessId}/chats/history",
    { params, body: {} },
  );
  const messages = history.data?.result?.messages.map(({ message }) => message);
  check(history.response.status === 404 && messages === undefined, "the mock server has no other operations");

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
  if (!condition) {
    throw new Error(`failed: ${expectation}`);
  }
}
