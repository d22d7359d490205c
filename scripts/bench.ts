/**
 * Measures what the client costs, next to other clients. Ratios within one run, because absolute times mean little on a
 * shared machine.
 *
 *     npm run bench
 *     npm run bench -- --only import               the rows that contain this text
 *     npm run bench -- --baseline ../other/dist    also the CPU time next to another build of this package
 *     npm run bench -- --json
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { startEndlessServer, startPageServer } from "./measure/page-server.js";
import { measureBundle, measureImport, measureTypeCheck, median } from "./measure/size.js";
import { measureConcurrentCalls, packageName as own, prepareWorkspace, runTask, workspace } from "./measure/workers.js";
import { installNode } from "./test-package/workspace.js";

const { values } = parseArgs({
  options: {
    baseline: { type: "string" },
    json: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});

/** By client, or with figures that explain the one of this package. */
type Figures = Readonly<Record<string, number>>;
type Row = readonly [what: string, limit: number, unit: string, measure: () => Promise<Figures>];

const others = ["openapi-fetch", "axios"];

/** Returns the CPU time of each client as a multiple of the first one, in processes of their own that run in alternation. */
async function measureCpuTime(clients: readonly string[], concurrency: number): Promise<Figures> {
  await using server = await startPageServer();
  const rounds: Figures[] = [];
  while (rounds.length < 7) {
    rounds.push(await measureEach(clients, (client) => runTask("cpuTime", client, server.baseUrl, concurrency)));
  }
  const [first = ""] = clients;
  const ratios = (client: string) => rounds.map((times) => (times[client] ?? NaN) / (times[first] ?? NaN));
  return Object.fromEntries(clients.map((client) => [client, median(ratios(client))]));
}

async function measureEach(clients: readonly string[], measure: (client: string) => Promise<number>): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const client of clients) figures[client] = await measure(client);
  return figures;
}

/** A measurement of this package alone. Tasks that need a server get its base URL. */
function measureOwn(measure: (baseUrl: string) => Promise<number>, startServer = startPageServer) {
  return async (): Promise<Figures> => {
    await using server = await startServer();
    return { [own]: await measure(server.baseUrl) };
  };
}

/** Returns the Node in use, and those of other versions if the npm registry can be reached. */
async function findNodes(versions: readonly string[]) {
  const nodes = [{ version: process.versions.node, node: process.execPath }];
  for (const version of versions.filter((other) => !process.version.startsWith(`v${other}.`))) {
    try {
      nodes.push({ version, node: await installNode(workspace, version) });
    } catch (error) {
      console.error(`import is not measured in Node.js ${version}:`, error);
    }
  }
  return nodes;
}

async function measureProcesses(count: number): Promise<Figures> {
  const { ratio, lost, rejectedShare } = await measureConcurrentCalls(count);
  return { [own]: ratio, "share of 420": rejectedShare, "calls lost": lost };
}

console.error("building …");
await prepareWorkspace();
const nodes = await findNodes(["20", "24"]);
const baseline = values.baseline === undefined ? [] : [pathToFileURL(resolve(values.baseline, "index.js")).href];
const all = ["fetch", own, ...others];
const prefetches = [
  [40, 4],
  [20, 20],
  [4, 40],
] as const;
const rows: readonly Row[] = [
  ...[4, 1].flatMap((concurrency): Row[] => {
    const what = `CPU time of a request, ${concurrency === 1 ? "sequential" : `${concurrency} concurrent`}`;
    return [
      [what, 1.1, "× fetch", () => measureCpuTime(all, concurrency)],
      ...baseline.map((build): Row => {
        const measure = async () => (await measureCpuTime([build, own], concurrency))[own] ?? NaN;
        return [`${what}, next to the baseline`, 1.05, "× baseline", measureOwn(measure)];
      }),
    ];
  }),
  ["bundle size, minified and gzipped", 9, "kB", () => measureEach([own, ...others], measureBundle)],
  ...nodes.map(({ version, node }): Row => {
    const measure = () => measureEach([own, ...others], (client) => measureImport(client, node));
    return [`import in Node.js ${version}, above an empty script`, 8, "ms", measure];
  }),
  ["type-check, above an empty program", 0.5, "s", measureOwn(measureTypeCheck)],
  // A listing remembers its page tokens: about 100 bytes for each of 50,000 pages.
  ["heap growth over 1,000,000 chats, without HTTP", 6, "MB", measureOwn(() => runTask("heapGrowth", 50_000))],
  ["heap growth over 100,000 chats, with HTTP", 1, "MB", measureOwn((url) => runTask("heapGrowth", 5_000, url))],
  ["memory for an endless body", 100, "MB", measureOwn((url) => runTask("endlessBody", url), startEndlessServer)],
  ...prefetches.map(([latency, work]): Row => {
    const measure = measureOwn(() => runTask("prefetch", latency, work));
    return [`prefetch, page ${latency} ms, processing ${work} ms`, 1.1, "× minimum", measure];
  }),
  ...[1, 2, 3, 6].map((count): Row => {
    const what = `150 concurrent getChat in ${count} process${count === 1 ? "" : "es"}`;
    return [what, 1.6, "× minimum", () => measureProcesses(count)];
  }),
];

const results = [];
for (const [what, limit, unit, measure] of rows.filter(([name]) => name.includes(values.only))) {
  const figures = await measure();
  const { [own]: value = NaN, ...rest } = figures;
  const digits = unit === "ms" ? 1 : 2;
  const notes = Object.entries(rest).map(([name, figure]) => `${name} ${Number(figure.toFixed(digits))}`);
  const measured = `${value.toFixed(digits)} ${unit}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
  results.push({ what, measured, target: `≤ ${limit} ${unit}`, isMet: value <= limit });
  console.error(`${what}: ${measured}`);
}
if (values.json) {
  console.log(JSON.stringify(results, null, 2));
} else {
  console.log("| what | measured | target | |\n| --- | --- | --- | --- |");
  for (const { what, measured, target, isMet } of results) {
    console.log(`| ${what} | ${measured} | ${target} | ${isMet ? "met" : "not met"} |`);
  }
}
