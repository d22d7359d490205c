/** Asks for pages in four ways in turn, one after another and four at once, and tells the ratios to a plain fetch. */
import axios from "axios";
import createClient from "openapi-fetch";
import { createChatsClient, type paths } from "../../../src/index.js";
import { median } from "../measure.js";

const [, , baseUrl = ""] = process.argv;
const apiKey = "ACMA:AMadeUpTokenThatNoMarketKnowsOfInAnyPlace0:00000000";
const businessId = 123_456;
const timeout = 30_000;
const url = `${baseUrl}/v2/businesses/${businessId}/chats?limit=20`;

const market = createChatsClient({ apiKey, businessId, baseUrl });
const bare = createClient<paths>({ baseUrl, headers: { "Api-Key": apiKey } });
const http = axios.create({ headers: { "Api-Key": apiKey }, timeout });

const variants: Record<string, () => Promise<number | undefined>> = {
  async plain() {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Api-Key": apiKey },
      body: JSON.stringify({}),
      signal: AbortSignal.timeout(timeout),
    });
    const { result } = JSON.parse(await response.text()) as { result: { chats: unknown[] } };
    return result.chats.length;
  },
  async ours() {
    return (await market.getChats()).chats.length;
  },
  async "openapi-fetch"() {
    const { data } = await bare.POST("/v2/businesses/{businessId}/chats", {
      params: { path: { businessId }, query: { limit: 20 } },
      body: {},
      signal: AbortSignal.timeout(timeout),
    });
    return data?.result?.chats.length;
  },
  async axios() {
    const { data } = await http.post<{ result: { chats: unknown[] } }>(url, {});
    return data.result.chats.length;
  },
};

const blockSize = 48;

async function timeBlock(request: () => Promise<number | undefined>, parallel: number): Promise<number> {
  const startedAt = performance.now();
  const lane = async () => {
    for (let count = 0; count < blockSize / parallel; count += 1) {
      if ((await request()) !== 20) {
        throw new Error("that was no page of 20 chats");
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return performance.now() - startedAt;
}

/** Rounds that only warm up: an integration runs for months. */
const warmUp = 25;
const rounds = 75;

/** The median over the rounds of each variant's time to that of a plain fetch in the same round. */
async function compare(parallel: number): Promise<Record<string, number>> {
  const names = Object.keys(variants);
  const ratios: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < warmUp + rounds; round += 1) {
    const times: Record<string, number> = {};
    // A different one comes first each time, since what went before leaves garbage to collect.
    for (let position = 0; position < names.length; position += 1) {
      const name = names[(position + round) % names.length] ?? "";
      times[name] = await timeBlock(variants[name]!, parallel);
    }
    if (round >= warmUp) {
      names.forEach((name) => ratios[name]?.push((times[name] ?? NaN) / (times["plain"] ?? NaN)));
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(ratios[name] ?? [])]));
}

console.log(JSON.stringify({ sequential: await compare(1), parallel: await compare(4) }));
