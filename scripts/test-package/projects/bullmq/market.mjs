import { createChatsClient } from "yandex-market-chats";

export const market = createChatsClient({
  apiKey: process.env.YANDEX_MARKET_API_KEY,
  businessId: Number(process.env.YANDEX_MARKET_BUSINESS_ID),
  baseUrl: process.env.YANDEX_MARKET_BASE_URL,
});
