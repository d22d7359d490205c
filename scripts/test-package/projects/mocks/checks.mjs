import { ConnectionError, createChatsClient, ResponseError } from "yandex-market-chats";

const businessId = 1;

export const origin = "https://market.example";
export const path = `/v2/businesses/${businessId}/chats`;

/** Checks the client against responses that a mocking library returns in the given order. */
export async function checkClient(mockResponses) {
  const attempts = [];
  const onAttempt = (attempt) => attempts.push(attempt);
  const market = createChatsClient({ apiKey: "ACMA:key", businessId, baseUrl: origin, maxRetries: 0, onAttempt });

  const until = new Date(Date.now() + 2000).toUTCString();
  mockResponses([
    { status: 420, headers: { "X-RateLimit-Resource-Remaining": "0", "X-RateLimit-Resource-Until": until } },
    { status: 200, body: { status: "OK", result: { chats: [], paging: {} } } },
    { status: 302, headers: { Location: `${origin}/elsewhere` } },
    "network error",
  ]);
  const { chats } = await market.getChats({}, { maxRetries: 1 });
  const [first, second] = attempts;
  check(chats.length === 0 && first.status === 420 && second.status === 200, "a 420 is retried");
  check(first.retryInMs > 500, "the retry waits until the quota resets");

  const redirect = await market.getChats().catch((error) => error);
  check(redirect instanceof ResponseError && redirect.status === 302, "a redirect is a ResponseError");
  const failure = await market.getChats().catch((error) => error);
  check(failure.constructor === ConnectionError, "a network error is a ConnectionError");
  check(attempts.length === 4, "every request was mocked");
}

function check(condition, expectation) {
  if (!condition) {
    throw new Error(`failed: ${expectation}`);
  }
}
