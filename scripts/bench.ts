/**
 * Measures what the client costs, next to other clients. Ratios within one run, because absolute times mean little on a
 * shared machine.
 *
 *     npm run bench
 *     npm run bench -- --json
 *     npm run bench -- --svg docs/bench.svg
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { drawChart } from "./bench/chart.js";
import { median, measurement, type Measurement, runWorker, withServer } from "./bench/measure.js";
import { measureBundle, measureImport, measureTypeCheck } from "./bench/size.js";
import { prepareWorkspace, workerPath } from "./bench/workspace.js";
import { runProcesses } from "./soak/processes.js";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false }, svg: { type: "string" } } });

const own = "yandex-market-chats";
const clients = ["fetch", own, "openapi-fetch", "axios"];
type Figures = Record<string, number>;

/** Returns the CPU time of each client as a multiple of fetch, in processes of their own that run in alternation. */
async function measureCpuTime(concurrency: number): Promise<Figures> {
  const ratios: Record<string, number[]> = {};
  for (let round = 0; round < 7; round += 1) {
    const times: Figures = {};
    await withServer(workerPath("page-server"), async (baseUrl) => {
      for (const client of clients) {
        times[client] = await runWorker(workerPath("request"), baseUrl, client, String(concurrency));
      }
    });
    for (const client of clients) (ratios[client] ??= []).push((times[client] ?? NaN) / (times["fetch"] ?? NaN));
  }
  return Object.fromEntries(Object.entries(ratios).map(([client, list]) => [client, median(list)]));
}

function compare(figures: Figures, digits: number): string {
  const others = Object.entries(figures).filter(([client]) => client !== own && client !== "fetch");
  return ` (${others.map(([client, value]) => `${client} ${value.toFixed(digits)}`).join(", ")})`;
}

async function measureEach(measure: (specifier: string) => Promise<number>): Promise<Figures> {
  const figures: Figures = {};
  for (const client of clients.slice(1)) figures[client] = await measure(client);
  return figures;
}

console.error("building …");
await prepareWorkspace();
const rows: Measurement[] = [];
function add(...args: Parameters<typeof measurement>): void {
  rows.push(measurement(...args));
  console.error(`${args[0]}: ${rows.at(-1)?.measured ?? ""}`);
}

const cpuTime = await measureCpuTime(4);
add("CPU time of a request, 4 concurrent", cpuTime[own] ?? NaN, 1.1, "× fetch", compare(cpuTime, 2));
const sequential = await measureCpuTime(1);
add("CPU time of a request, sequential", sequential[own] ?? NaN, 1.1, "× fetch", compare(sequential, 2));

const bundle = await measureEach((client) =>
  measureBundle(client === own ? `export { createChatsClient } from "${own}"` : `export { default } from "${client}"`),
);
add("bundle size, minified and gzipped", bundle[own] ?? NaN, 7.5, "kB", compare(bundle, 2));
const importTime = await measureEach(measureImport);
add("import, above an empty script", importTime[own] ?? NaN, 8, "ms", compare(importTime, 1));
add("type-check, above an empty program", await measureTypeCheck(), 0.5, "s");

const heap = await runWorker(workerPath("memory"), "50000");
add("heap growth over 1,000,000 chats, without HTTP", heap / 1e6, 1, "MB");
const heapOverHttp = await withServer(workerPath("page-server"), (url) => runWorker(workerPath("memory"), "5000", url));
add("heap growth over 100,000 chats, with HTTP", heapOverHttp / 1e6, 1, "MB");

for (const [latency, work] of [
  [40, 4],
  [20, 20],
  [4, 40],
] as const) {
  // prettier-ignore
  const ratio = await runWorker(workerPath("prefetch"), String(latency), String(work));
  add(`prefetch, page ${latency} ms, processing ${work} ms`, ratio, 1.1, "× minimum");
}
for (const processes of [1, 2, 3, 6]) {
  const { ratio, lost, rejectedShare } = await runProcesses(processes);
  const remark = `, ${(100 * rejectedShare).toFixed()} % of requests got 420, ${lost} calls lost`;
  add(`150 concurrent getChat in ${processes} process${processes > 1 ? "es" : ""}`, ratio, 1.6, "× minimum", remark);
}

if (values.svg !== undefined) {
  const groups = [
    { title: "CPU time of a request, 4 concurrent", unit: "× fetch", values: cpuTime },
    { title: "Bundle size, minified and gzipped", unit: "kB", values: bundle },
    { title: "Import time", unit: "ms", values: importTime },
  ];
  await writeFile(values.svg, drawChart(groups, own));
}
if (values.json) {
  console.log(JSON.stringify(rows, null, 2));
} else {
  console.log("| what | measured | target | |\n| --- | --- | --- | --- |");
  for (const { what, measured, target, isMet } of rows) {
    console.log(`| ${what} | ${measured} | ${target} | ${isMet ? "met" : "not met"} |`);
  }
}
