// Uses the package with `import` and with `require`: in one process, or in one bundle.
import { ApiError } from "yandex-market-chats";
import { startMarketServer } from "yandex-market-chats/testing";
import required from "./requiring.cjs";

async function main() {
  const server = await startMarketServer({ chats: 42 });
  const market = required.createChatsClient(server);
  let count = 0;
  for await (const page of market.listChats().pages()) {
    count += page.chats.length;
  }
  const error = await market.getChat(Number.MAX_SAFE_INTEGER).catch((reason) => reason);
  await server.close();
  if (!(error instanceof ApiError)) {
    throw new Error("import and require loaded different classes");
  }
  console.log(`${count} chats`);
}

main();
