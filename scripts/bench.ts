/**
 * What the client costs, side by side with doing without it. Ratios within one run, since absolute times mean nothing
 * on a shared machine. No test: it fails nothing.
 *
 *     npm run bench
 *     npm run bench -- --json
 */
import { parseArgs } from "node:util";
import { type Measurement, median, runWorker, withServer } from "./bench/measure.js";
import { generateTime, importTime, typeCheckTimes, weights } from "./bench/weight.js";
import { prepareWorkspace, workerPath } from "./bench/workspace.js";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });

type Ratios = Record<"ours" | "openapi-fetch" | "axios", number>;

/** A number that should not be above a limit. */
function line(what: string, measured: number, limit: number, unit: string, digits: number, remark = ""): Measurement {
  return {
    what,
    measured: `${measured.toFixed(digits)} ${unit}${remark}`,
    goal: `≤ ${limit} ${unit}`,
    isMet: measured <= limit,
  };
}

async function measureRequests(): Promise<Measurement[]> {
  // Several processes, since how the runtime compiles and lays out one of them makes a difference of its own.
  const runs: { sequential: Ratios; parallel: Ratios }[] = [];
  for (let run = 0; run < 5; run += 1) {
    const worker = withServer(workerPath("page-server"), (address) => runWorker(workerPath("requests"), address));
    runs.push((await worker) as (typeof runs)[number]);
  }
  return Object.entries({ "one after another": "sequential", "4 at once": "parallel" } as const).map(([how, kind]) => {
    const ratioOf = (client: keyof Ratios) => median(runs.map((run) => run[kind][client]));
    const others = ` (openapi-fetch ${ratioOf("openapi-fetch").toFixed(2)}, axios ${ratioOf("axios").toFixed(2)})`;
    const measurement = line(`time of a request, ${how}`, ratioOf("ours"), 1.05, "× plain fetch", 2, others);
    return { ...measurement, isMet: measurement.isMet && ratioOf("ours") < ratioOf("openapi-fetch") };
  });
}

async function measureMemory(): Promise<Measurement[]> {
  const injected = (await runWorker(workerPath("memory"), "50000")) as number;
  const overHttp = (await withServer(workerPath("page-server"), (address) =>
    runWorker(workerPath("memory"), "5000", address),
  )) as number;
  return [
    line("heap growth, 1,000,000 chats by an injected fetch", injected / 1e6, 1, "MB", 2),
    line("heap growth, 100,000 chats over HTTP", overHttp / 1e6, 1, "MB", 2),
  ];
}

async function measurePrefetch(): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const [latency, work] of [
    [40, 4],
    [20, 20],
    [4, 40],
  ] as const) {
    const ratio = (await runWorker(workerPath("prefetch"), String(latency), String(work))) as number;
    measurements.push(line(`prefetch, page ${latency} ms, work on it ${work} ms`, ratio, 1.1, "× the least", 2));
  }
  return measurements;
}

async function measureBurst(): Promise<Measurement[]> {
  const { ratio, refused } = (await withServer(workerPath("market-server"), (address) =>
    runWorker(workerPath("burst"), address),
  )) as { ratio: number; refused: number };
  const measurement = line(
    "burst of 1,000 getChat, 20 ms, 4 at once",
    ratio,
    1.05,
    "× the least",
    2,
    `, ${refused} × 420`,
  );
  return [{ ...measurement, goal: `${measurement.goal}, no 420`, isMet: measurement.isMet && refused === 0 }];
}

const alone = (of: { "openapi-fetch": number }) => ` (openapi-fetch alone ${of["openapi-fetch"].toFixed(2)})`;

async function measureWeight(): Promise<Measurement[]> {
  const weight = await weights();
  return [
    line("weight, bundled, minified, gzipped", weight.ours, 5, "kB", 2, alone(weight)),
    line("import, above an empty script", await importTime(), 10, "ms", 1),
  ];
}

async function measureCompilation(): Promise<Measurement[]> {
  const lines: Measurement[] = [];
  for (const [how, skipLibCheck] of [
    ["as `tsc --init` sets it up", true],
    ["with `skipLibCheck: false`", false],
  ] as const) {
    const times = await typeCheckTimes(skipLibCheck);
    lines.push(line(`type-check of everything, ${how}`, times.ours, 0.5, "s", 2, alone(times)));
  }
  return [...lines, line("npm run generate", (await generateTime()) / 1000, 3, "s", 2)];
}

console.error("building …");
await prepareWorkspace();
const measurements: Measurement[] = [];
for (const measure of [
  measureRequests,
  measureMemory,
  measurePrefetch,
  measureBurst,
  measureWeight,
  measureCompilation,
]) {
  console.error(`${measure.name} …`);
  measurements.push(...(await measure()));
}

if (values.json) {
  console.log(JSON.stringify(measurements, null, 2));
} else {
  console.log("| what | measured | goal | |\n| --- | --- | --- | --- |");
  for (const { what, measured, goal, isMet } of measurements) {
    console.log(`| ${what} | ${measured} | ${goal} | ${isMet ? "met" : "missed"} |`);
  }
}
