/**
 * Compares the published OpenAPI document of Yandex Market with openapi/chats.yaml, for the operations of the latter:
 *
 *     npm run drift -- ../yandex-market-partner-api/openapi/openapi.yaml
 *     npm run drift -- https://…/openapi.yaml --json
 *
 * Exit code 0: no differences, except accepted ones. 1: differences, or stale accepted lines. 2: the comparison failed.
 */
import { parseArgs } from "node:util";
import { compareDocuments, type Report } from "./drift/compare.js";
import { readDocument } from "./drift/document.js";
import { readSpecification, SpecificationError, specificationPath } from "./specification.js";

const usage =
  "Usage: npm run drift -- <path or URL of an openapi.yaml> [--json] [--timeout <seconds>] [--specification <path>]";

const options = {
  json: { type: "boolean", default: false },
  timeout: { type: "string", default: "60" },
  specification: { type: "string", default: specificationPath },
  help: { type: "boolean", default: false, short: "h" },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const [location = "", ...others] = positionals;
  const seconds = Number(values.timeout);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (location === "" || others.length > 0 || !(seconds > 0 && seconds <= 3600)) throw new SpecificationError(usage);
  const theirs = await readDocument(location, seconds);
  const { dereferenced } = await readSpecification(values.specification);
  const report = compareDocuments(theirs, dereferenced);
  console.log(values.json ? JSON.stringify(report, null, 2) : formatReport(report));
  return report.differences.length + report.stale.length === 0 ? 0 : 1;
}

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    throw new SpecificationError(usage, { cause: error });
  }
}

function formatReport({ differences, accepted, stale, others }: Report): string {
  const rows: readonly { class: string; line: string; reason?: string | undefined }[] = [
    ...differences,
    ...accepted.map((one) => ({ ...one, class: "accepted" })),
    ...stale.map((one) => ({ ...one, class: "stale" })),
  ];
  const kinds = ["breaking", "addition", "documentation", "accepted", "stale"];
  const groups = kinds.map((kind) => rows.filter((row) => row.class === kind));
  const counts = kinds.map((kind, index) => `${groups[index]?.length} ${kind}`);
  return [
    ...groups.flat().map((row) => `${row.class.padEnd(15)}${row.line}${row.reason ? ` (${row.reason})` : ""}`),
    stale.length > 0 && "Stale: there is no such difference. Remove the line from x-accepted-drift.",
    others.length > 0 && `Published with the same tag, not compared: ${others.join(", ")}.`,
    `${differences.length} differences: ${counts.join(", ")}`,
  ]
    .filter(Boolean)
    .join("\n");
}

try {
  process.exitCode = await main();
} catch (error) {
  // Any other error is a bug in this script, and needs its stack. Node's exit code for it, 1, would mean differences.
  console.error(error instanceof SpecificationError ? error.message : error);
  process.exitCode = 2;
}
