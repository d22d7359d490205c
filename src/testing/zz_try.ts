import { startMarketServer, sampleChats } from "/work/main/src/testing/index.js";
import { createChatsClient } from "/work/main/src/index.js";
import { inspect } from "node:util";
console.log(sampleChats(4));
await using server = await startMarketServer({ chats: 200_000, parallelLimit: Infinity, quota: { getChats: 1e9, getChat: 1e9} });
const market = createChatsClient(server);
let n = 0; let t = performance.now();
for await (const c of market.listChats()) { n++; if (n === 100000) break; }
console.log(n, performance.now() - t, (performance.now() - t) / 5000, "ms per page");
t = performance.now();
for (let i = 0; i < 3000; i++) await market.getChat(server.chats[i * 60]!.chatId);
console.log("getChat", (performance.now() - t) / 3000);
console.log(inspect(server.requests[1], {depth: 5}));
t = performance.now(); n = 0;
for await (const c of market.listChats({ statuses: ["WAITING_FOR_ARBITER"], orderIds: [server.chats[199990]!.orderId ?? server.chats[199991]!.orderId!] })) n++;
console.log("rare", n, performance.now() - t);
await market.getChat(99).catch((e) => console.log(String(e)));
