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
import { startPageServer } from "./measure/page-server.js";
import { findNode, measureBundle, measureImport, median } from "./measure/size.js";
import { measureConcurrentCalls, prepareWorkspace, runTask } from "./measure/workers.js";
import { packageName } from "./test-package/workspace.js";

const { values } = parseArgs({
  options: {
    baseline: { type: "string" },
    json: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});

/** By client, or with figures that explain the one of this package. */
type Figures = Readonly<Record<string, number>>;
type Row = readonly [what: string, target: number, unit: string, measure: () => Promise<number | Figures>];

const packages = [packageName, "openapi-fetch", "axios"];
const baseline = values.baseline === undefined ? [] : [pathToFileURL(resolve(values.baseline, "index.js")).href];

async function measureEach(clients: readonly string[], measure: (client: string) => Promise<number>): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const client of clients) figures[client] = await measure(client);
  return figures;
}

/** Returns the CPU time of each client as a multiple of the first one, in processes of their own that run in alternation. */
async function measureCpuTime(clients: readonly string[], concurrency: number): Promise<Figures> {
  const rounds: Figures[] = [];
  while (rounds.length < 7) {
    rounds.push(await measureEach(clients, (client) => runTask("cpuTime", client, baseUrl, concurrency)));
  }
  const [first = ""] = clients;
  const ratios = (client: string) => rounds.map((times) => (times[client] ?? NaN) / (times[first] ?? NaN));
  return Object.fromEntries(clients.map((client) => [client, median(ratios(client))]));
}

async function measureImports(version: string): Promise<Figures> {
  const node = await findNode(version);
  return measureEach(packages, async (client) => measureImport(client, node));
}

async function measureProcesses(count: number): Promise<Figures> {
  const { "× minimum": ratio, ...others } = await measureConcurrentCalls(count);
  if (others["calls lost"] > 0) throw new Error(`${others["calls lost"]} calls were lost`);
  return { [packageName]: ratio, ...others };
}

const rows: readonly Row[] = [
  ["CPU time of a request, 4 concurrent", 1.1, "× fetch", () => measureCpuTime(["fetch", ...packages], 4)],
  ["CPU time of a request, sequential", 1.1, "× fetch", () => measureCpuTime(["fetch", ...packages], 1)],
  ...baseline.flatMap((build): Row[] => [
    ["CPU time, 4 concurrent", 1.05, "× the baseline", () => measureCpuTime([build, packageName], 4)],
    ["CPU time, sequential", 1.05, "× the baseline", () => measureCpuTime([build, packageName], 1)],
  ]),
  ["bundle size, minified and gzipped", 9, "kB", () => measureEach(packages, measureBundle)],
  ["memory for an endless body", 100, "MB", () => runTask("endlessBody", baseUrl)],
  ["prefetch, page 40 ms, processing 4 ms", 1.1, "× minimum", () => runTask("prefetch", 40, 4)],
  ["prefetch, page 20 ms, processing 20 ms", 1.1, "× minimum", () => runTask("prefetch", 20, 20)],
  ["prefetch, page 4 ms, processing 40 ms", 1.1, "× minimum", () => runTask("prefetch", 4, 40)],
  ["150 concurrent getChat in 1 process", 1.6, "× minimum", () => measureProcesses(1)],
  ["150 concurrent getChat in 2 processes", 1.6, "× minimum", () => measureProcesses(2)],
  ["150 concurrent getChat in 3 processes", 1.6, "× minimum", () => measureProcesses(3)],
  ["150 concurrent getChat in 6 processes", 1.6, "× minimum", () => measureProcesses(6)],
  // Last, because they need the npm registry.
  ["import in Node.js 20, above an empty script", 8, "ms", () => measureImports("20")],
  ["import in Node.js 24, above an empty script", 8, "ms", () => measureImports("24")],
];

console.error("building …");
await prepareWorkspace();
const baseUrl = await startPageServer();
const results = [];
for (const [what, target, unit, measure] of rows.filter(([name]) => name.includes(values.only))) {
  try {
    const measured = await measure();
    const { [packageName]: value = NaN, ...others } =
      typeof measured === "number" ? { [packageName]: measured } : measured;
    const digits = unit === "ms" ? 1 : 2;
    const notes = Object.entries(others).map(([name, figure]) => `${name} ${Number(figure.toFixed(digits))}`);
    const text = `${value.toFixed(digits)} ${unit}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
    results.push({ what, measured: text, target: `≤ ${target} ${unit}`, isMet: value <= target });
    console.error(`${what}: ${text}`);
  } catch (error) {
    console.error(`${what} is not measured:`, error);
    process.exitCode = 1;
  }
}
if (values.json) {
  console.log(JSON.stringify(results, null, 2));
} else {
  console.log("| what | measured | target | |\n| --- | --- | --- | --- |");
  for (const { what, measured, target, isMet } of results) {
    console.log(`| ${what} | ${measured} | ${target} | ${isMet ? "met" : "not met"} |`);
  }
}
