/** A user's first program, with an eye on what it gets. It knows the package only: neither Node nor a browser. */
import {
  ApiError,
  type Attempt,
  type Chat,
  type ChatsClient,
  type ChatsClientOptions,
  chatStatuses,
  createChatsClient,
  MarketError,
} from "yandex-market-chats";

type Connection = Pick<ChatsClientOptions, "apiKey" | "baseUrl" | "businessId">;

/**
 * Lists chats, reads one, and asks for one that is not there.
 *
 * @param connection - The test server, or where it is.
 * @returns How many chats it has.
 * @throws Error if anything is not as it should be.
 */
export async function readChats(connection: Connection): Promise<number> {
  const attempts: Attempt[] = [];
  const onAttempt = (attempt: Attempt) => void attempts.push(attempt);
  const market = createChatsClient({ ...connection, integration: undefined, onAttempt });

  let count = 0;
  for await (const page of market.listChats().pages()) {
    count += page.chats.length;
  }
  check(count > 20 && attempts.length > 1, "a listing has several pages");

  const waiting: Chat[] = [];
  for await (const chat of market.listChats({ statuses: ["WAITING_FOR_PARTNER"] }, { limit: 2 })) {
    waiting.push(chat);
  }
  const [first] = waiting;
  check(first !== undefined && waiting.length < count, "some of the chats are waiting for an answer");
  check(chatStatuses.includes(first.status), "the status of a chat is a known one");

  const chat = await market.getChat(first.chatId);
  check(chat.chatId === first.chatId && chat.updatedAt === first.updatedAt, "a chat read by itself is the listed one");

  const { data } = await market.api.GET("/v2/businesses/{businessId}/chat", {
    params: { path: { businessId: connection.businessId }, query: { chatId: first.chatId } },
  });
  check(data?.result?.updatedAt === first.updatedAt, "the same chat comes from a raw call");

  const error: unknown = await market.getChat(Number.MAX_SAFE_INTEGER).catch((reason: unknown) => reason);
  check(error instanceof ApiError && error instanceof MarketError, "a chat that is not there is an ApiError");
  check(error.status === 404 && error.errors.length > 0, "the error says what the Market said");

  return count;
}

/** Never called. If a type had become `any` on its way here, these lines would be right, and the compiler object. */
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
    throw new Error(`not so: ${expectation}`);
  }
}
