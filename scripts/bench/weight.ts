/** What the package weighs before it does anything: bytes, import, type-check, compilation. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { median, timeOf } from "./measure.js";
import { compiler, repository, workspace } from "./workspace.js";

/** Kilobytes of what an entry point exports, with all that it needs: bundled, minified, gzipped. */
async function weightOf(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: workspace },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length / 1000;
}

/** The bundle sizes of `createChatsClient` with openapi-fetch, and of openapi-fetch alone. */
export async function weights(): Promise<Record<"ours" | "openapi-fetch", number>> {
  return {
    ours: await weightOf('export { createChatsClient } from "yandex-market-chats"'),
    "openapi-fetch": await weightOf('export { default } from "openapi-fetch"'),
  };
}

/** The median of the differences between two programs that run in turn, in milliseconds. */
async function difference(rounds: number, first: string[], second: string[]): Promise<number> {
  const differences: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const base = await timeOf(...first);
    differences.push((await timeOf(...second)) - base);
  }
  return median(differences);
}

/** Milliseconds that an import of the published entry takes, above an empty script. */
export async function importTime(): Promise<number> {
  const empty = join(workspace, "empty.mjs");
  const importing = join(workspace, "importing.mjs");
  await writeFile(empty, "");
  await writeFile(importing, 'import "yandex-market-chats";');
  return difference(41, [empty], [importing]);
}

const everything = `
import { createChatsClient, chatStatuses, chatTypes, chatContextTypes, ApiError, ConnectionError, MarketError, RateLimitError, ResponseError, TimeoutError } from "yandex-market-chats";
import type { Attempt, Chat, ChatContext, ChatContextType, ChatsClient, ChatsClientOptions, ChatsFilter, ChatsPage, ChatStatus, ChatType, components, operations, paths } from "yandex-market-chats";
const options: ChatsClientOptions = { apiKey: async () => "key", businessId: 1, onAttempt: (attempt: Attempt) => console.log(attempt.status) };
const market: ChatsClient = createChatsClient(options);
const filter: ChatsFilter = { statuses: [...chatStatuses], types: [...chatTypes], contextTypes: [...chatContextTypes] };
for await (const chat of market.listChats(filter, { prefetch: true })) show(chat);
for await (const page of market.listChats().pages()) page.chats.map(show);
const page: ChatsPage = await market.getChats(filter, { limit: 5, pageToken: "token" });
const context: ChatContext = (await market.getChat(1, { timeout: 5 })).context;
const type: ChatContextType = context.type;
const { data, error } = await market.api.POST("/v2/businesses/{businessId}/chats", { params: { path: { businessId: 1 } }, body: {} });
const one = await market.api.GET("/v2/businesses/{businessId}/chat", { params: { path: { businessId: 1 }, query: { chatId: 1 } } });
function show({ status, type }: Chat): [ChatStatus, ChatType] { return [status, type]; }
export const all = [ApiError, ConnectionError, MarketError, RateLimitError, ResponseError, TimeoutError, page, type, data?.result, error?.errors, one.data];
export type All = [components, operations, paths];
`;

/**
 * Seconds that a type-check takes above that of an empty file: of a file that uses everything, and of one that does no
 * more than to import openapi-fetch.
 *
 * @param skipLibCheck - Whether declarations of libraries are taken on trust, as in a project of `tsc --init`.
 */
export async function typeCheckTimes(skipLibCheck: boolean): Promise<Record<"ours" | "openapi-fetch", number>> {
  const projects = {
    empty: "export {};",
    everything,
    "openapi-fetch": 'export { default } from "openapi-fetch";',
  };
  for (const [name, source] of Object.entries(projects)) {
    const folder = join(workspace, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "index.ts"), source);
    const options = { noEmit: true, strict: true, target: "ES2022", module: "NodeNext", types: ["node"], skipLibCheck };
    // By name: the compiler looks for no files below a folder whose name begins with a dot.
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["index.ts"] }));
  }
  const check = (project: keyof typeof projects) => [compiler, "-p", join(workspace, project)];
  return {
    ours: (await difference(7, check("empty"), check("everything"))) / 1000,
    "openapi-fetch": (await difference(7, check("empty"), check("openapi-fetch"))) / 1000,
  };
}

/** Milliseconds of `npm run generate`. */
export async function generateTime(): Promise<number> {
  const output = await mkdtemp(join(tmpdir(), "generated-"));
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    times.push(await timeOf("--import", "tsx", join(repository, "scripts/generate.ts"), "--output", output));
  }
  return median(times);
}
