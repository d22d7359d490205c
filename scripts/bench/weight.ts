/** What the package weighs before it does anything: bytes, import, type-check, compilation. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { median, timeOf } from "./measure.js";
import { builtPackage, compiler, repository, workspace } from "./workspace.js";

/** Bytes of `createChatsClient` with openapi-fetch: bundled, minified, gzipped. */
export async function bundleSize(): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `export { createChatsClient } from "./dist/index.js"`, resolveDir: workspace },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length;
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

/** Milliseconds that an import takes above an empty script. */
export async function importTime(): Promise<number> {
  const empty = join(workspace, "empty.mjs");
  const importing = join(workspace, "importing.mjs");
  await writeFile(empty, "");
  await writeFile(importing, `import ${JSON.stringify(join(builtPackage, "index.js"))};`);
  return difference(41, [empty], [importing]);
}

const everything = `
import { createChatsClient, chatStatuses, chatTypes, chatContextTypes, ApiError, ConnectionError, MarketError, RateLimitError, ResponseError, TimeoutError } from "../dist/index.js";
import type { Attempt, Chat, ChatContext, ChatContextType, ChatsClient, ChatsClientOptions, ChatsFilter, ChatsPage, ChatStatus, ChatType, components, operations, paths } from "../dist/index.js";
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

/** Milliseconds that the type-check of a file that uses everything takes above an empty one, every library checked. */
export async function typeCheckTime(): Promise<number> {
  const projects = { empty: "export {};", everything };
  for (const [name, source] of Object.entries(projects)) {
    const folder = join(workspace, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "index.ts"), source);
    const compilerOptions = { noEmit: true, strict: true, target: "ES2022", module: "NodeNext", types: ["node"] };
    // By name: the compiler looks for no files below a folder whose name begins with a dot.
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
  }
  return difference(5, [compiler, "-p", join(workspace, "empty")], [compiler, "-p", join(workspace, "everything")]);
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
