/**
 * Compares the published OpenAPI document of Yandex Market with openapi/chats.yaml, for the operations of the latter:
 *
 *     npm run drift -- ../yandex-market-partner-api/openapi/openapi.yaml
 *     npm run drift -- https://…/openapi.yaml --json
 *
 * Exit code 0: no differences, except accepted ones. 1: there are differences. 2: the comparison failed.
 */
import { parseArgs } from "node:util";
import { compareDocuments } from "./drift/compare.js";
import { readPublished } from "./drift/document.js";
import { formatReport } from "./drift/format.js";
import { readSpecification, SpecificationError, specificationPath } from "./specification.js";

const usage =
  "Usage: npm run drift -- <path or URL of an openapi.yaml> [--json] [--timeout <seconds>] [--specification <path>]";

async function main(): Promise<number> {
  const { location = "", help, json, timeout, specification } = readArguments();
  const seconds = Number(timeout);
  if (help) {
    console.log(usage);
    return 0;
  }
  if (location === "" || !(seconds > 0 && seconds <= 3600)) {
    throw new SpecificationError(usage);
  }
  const theirs = await readPublished(location, seconds);
  const { document: ours } = await readSpecification(specification);
  const report = compareDocuments(theirs, { ...ours });
  console.log(json ? JSON.stringify(report, null, 2) : formatReport(report));
  return report.differences.length + report.stale.length === 0 ? 0 : 1;
}

function readArguments() {
  const options = {
    json: { type: "boolean", default: false },
    timeout: { type: "string", default: "60" },
    specification: { type: "string", default: specificationPath },
    help: { type: "boolean", default: false, short: "h" },
  } as const;
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    return { ...values, location: positionals.length === 1 ? positionals[0] : undefined };
  } catch (error) {
    throw new SpecificationError(usage, { cause: error });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  // Any other error is a bug in this script, and needs its stack. Node's exit code for it, 1, would mean differences.
  console.error(error instanceof SpecificationError ? error.message : error);
  process.exitCode = 2;
}
