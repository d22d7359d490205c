/** Prints the microseconds of CPU time that one client spends on a request. One client per process: they share no code. */
import axios from "axios";
import createClient from "openapi-fetch";
import { createChatsClient, type paths } from "../../../src/index.js";
import { apiKey, businessId } from "../page.js";

const [, , baseUrl = "", client = "", concurrency = ""] = process.argv;
const timeout = 30_000;
const url = `${baseUrl}/v2/businesses/${businessId}/chats?limit=20`;

/** Each returns a function that requests a page, and returns the number of its chats. */
const clients: Record<string, () => () => Promise<number | undefined>> = {
  fetch: () => async () => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Api-Key": apiKey },
      body: JSON.stringify({}),
      signal: AbortSignal.timeout(timeout),
    });
    const { result } = JSON.parse(await response.text()) as { result: { chats: unknown[] } };
    return result.chats.length;
  },
  "yandex-market-chats"() {
    const market = createChatsClient({ apiKey, businessId, baseUrl });
    return async () => (await market.getChats()).chats.length;
  },
  "openapi-fetch"() {
    const api = createClient<paths>({ baseUrl, headers: { "Api-Key": apiKey } });
    return async () => {
      const params = { path: { businessId }, query: { limit: 20 } };
      const signal = AbortSignal.timeout(timeout);
      const { data } = await api.POST("/v2/businesses/{businessId}/chats", { params, body: {}, signal });
      return data?.result?.chats.length;
    };
  },
  axios() {
    const http = axios.create({ headers: { "Api-Key": apiKey }, timeout });
    return async () => (await http.post<{ result: { chats: unknown[] } }>(url, {})).data.result.chats.length;
  },
};

const request = clients[client]?.();

async function send(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    if ((await request?.()) !== 20) {
      throw new Error(`${client} returned no page of 20 chats`);
    }
  }
}

const sendConcurrently = (count: number) =>
  Promise.all(Array.from({ length: Number(concurrency) }, () => send(count / Number(concurrency))));

const requests = 4000;
await sendConcurrently(2000); // Integrations run for months: the time to compile does not count.
const before = process.cpuUsage();
await sendConcurrently(requests);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / requests);
