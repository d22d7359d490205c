/** Bundle size, import time and type-check time of the published package. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { packageName, workspace } from "./workers.js";

/** One slow round does not move the median. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Returns the median difference between two scripts that run in alternation, in milliseconds. */
async function timeDifference(rounds: number, base: string[], script: string[], node = process.execPath) {
  const timeScript = async (args: string[]) => {
    const startedAt = performance.now();
    await promisify(execFile)(node, args);
    return performance.now() - startedAt;
  };
  const differences: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const baseTime = await timeScript(base);
    differences.push((await timeScript(script)) - baseTime);
  }
  return median(differences);
}

/** Returns the size of a client, bundled for browsers, minified and gzipped, in kilobytes. */
export async function measureBundle(specifier: string): Promise<number> {
  const name = specifier === packageName ? "createChatsClient" : "default";
  const { outputFiles } = await build({
    stdin: { contents: `export { ${name} } from "${specifier}";`, resolveDir: workspace },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length / 1000;
}

/** Returns the milliseconds that an import takes above an empty script. */
export async function measureImport(specifier: string, node: string): Promise<number> {
  const [empty, importing] = [join(workspace, "empty.mjs"), join(workspace, "importing.mjs")];
  await writeFile(empty, "");
  await writeFile(importing, `import ${JSON.stringify(specifier)};`);
  return timeDifference(31, [empty], [importing], node);
}

const usage = `
import { createChatsClient, type Chat, type ChatsFilter, RateLimitError } from "yandex-market-chats";
const market = createChatsClient({ apiKey: async () => "key", businessId: 1, onAttempt: ({ status }) => console.log(status) });
const filter: ChatsFilter = { statuses: ["NEW"] };
for await (const chat of market.listChats(filter, { prefetch: true })) show(chat);
for await (const page of market.listChats().pages()) page.chats.map(show);
const { data } = await market.api.POST("/v2/businesses/{businessId}/chats", { params: { path: { businessId: 1 } }, body: {} });
function show({ status }: Chat): string { return status; }
export const all = [data?.result, RateLimitError];
`;

/** Returns the seconds that the type-check of a program takes above an empty one, with the defaults of \`tsc --init\`. */
export async function measureTypeCheck(): Promise<number> {
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const [empty, using] = [join(workspace, "empty"), join(workspace, "using")];
  for (const [folder, source] of [
    [empty, "export {};"],
    [using, usage],
  ] as const) {
    const options = { noEmit: true, strict: true, target: "ES2022", module: "NodeNext", types: [], skipLibCheck: true };
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "index.ts"), source);
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["index.ts"] }));
  }
  return (await timeDifference(7, [compiler, "-p", empty], [compiler, "-p", using])) / 1000;
}
