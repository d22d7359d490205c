// Two cabinets with a queue and three workers each, whose quotas run out. One worker of each is killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { Queue } from "bullmq";
import { startMarketServer } from "yandex-market-chats/testing";

const children = [];
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));
process.once("SIGTERM", () => process.exit(1));

function start(command, args, env) {
  const options = { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] };
  const child = spawn(command, args, options);
  children.push(child);
  return child;
}

const port = await findFreePort();
start("redis-server", ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]).stdout.resume();

const chats = 300;
const quota = { getChat: 200 };
// The client waits for the first quota to reset. The second one resets after maxRateLimitWait: the jobs are delayed.
await Promise.all([processChats(1, 5_000), processChats(2, 65_000)]);
process.exit();

async function processChats(businessId, quotaPeriod) {
  const server = await startMarketServer({ businessId, chats, quota, quotaPeriod, latency: 20 });
  const queue = new Queue(`chats-${businessId}`, { connection: { host: "127.0.0.1", port } });
  await queue.addBulk(server.chats.map(({ chatId }) => ({ name: "read", data: { chatId } })));

  const processed = [];
  const isDone = async () => (await queue.getCompletedCount()) + (await queue.getFailedCount()) === chats;
  const workers = [1, 2, 3].map(() => {
    const worker = start(process.execPath, ["worker.mjs"], {
      REDIS_PORT: port,
      YANDEX_MARKET_API_KEY: server.apiKey,
      YANDEX_MARKET_BASE_URL: server.baseUrl,
      YANDEX_MARKET_BUSINESS_ID: businessId,
    });
    createInterface(worker.stdout).on("line", (line) => {
      processed.push(Number(line.split(" ")[0]));
      if (processed.length === chats / 3) worker.kill("SIGKILL");
    });
    return worker;
  });

  // The jobs of a killed worker are processed by the others after the lock of 30 s has expired.
  let delayed = 0;
  for (const startedAt = Date.now(); !(await isDone()); await setTimeout(500)) {
    delayed = Math.max(delayed, await queue.getDelayedCount());
    if (Date.now() - startedAt > 200_000) throw new Error(`not done: ${JSON.stringify(await queue.getJobCounts())}`);
  }
  const failed = await queue.getFailed();
  const missing = server.chats.filter(({ chatId }) => !processed.includes(chatId));
  const repeated = processed.length - new Set(processed).size;
  check(failed.length === 0, `${failed.length} calls were lost: ${failed[0]?.failedReason}`);
  check(missing.length === 0, `${missing.length} chats were not processed`);
  check(new Set(processed).size === chats, "every chat is processed once after deduplication by its ID");
  check(repeated <= 8, `${repeated} chats were processed twice, more than the killed worker had jobs`);
  check(workers.filter(({ signalCode }) => signalCode === "SIGKILL").length === 1, "one worker was killed");
  check(businessId === 1 || delayed > 0, "no job was delayed until the quota resets");
  check(server.requests.length > quota.getChat, "the quota was not exhausted");
}

function check(condition, message) {
  if (!condition) throw new Error(message);
}

async function findFreePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}
