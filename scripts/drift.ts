/**
 * Tells how the Market's published OpenAPI document differs from openapi/chats.yaml in the operations of the latter:
 *
 *     npm run drift -- ../yandex-market-partner-api/openapi/openapi.yaml
 *     npm run drift -- https://…/openapi.yaml --json
 *
 * Exit code 0: no difference but accepted ones. 1: there are some. 2: the comparison could not be made.
 */
import { parseArgs } from "node:util";
import { compareDocuments } from "./drift/compare.js";
import { readPublished } from "./drift/document.js";
import { formatReport } from "./drift/format.js";
import { readSpecification, SpecificationError, specificationPath } from "./specification.js";

const usage =
  "Usage: npm run drift -- <path or URL of an openapi.yaml> [--json] [--timeout <seconds>] [--specification <path>]";

async function main(): Promise<number> {
  const { location, json, timeout, specification, help } = readArguments();
  if (help) {
    console.log(usage);
    return 0;
  }
  const theirs = await readPublished(location, timeout);
  const { document: ours } = await readSpecification(specification);
  const report = compareDocuments(theirs, { root: { ...ours }, unresolved: new Map() });
  console.log(json ? JSON.stringify(report, null, 2) : formatReport(report));
  return report.differences.length + report.stale.length === 0 ? 0 : 1;
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        timeout: { type: "string", default: "60" },
        specification: { type: "string", default: specificationPath },
        help: { type: "boolean", default: false, short: "h" },
      },
    });
    const [location, ...more] = positionals;
    const timeout = Number(values.timeout);
    if (values.help || (location !== undefined && more.length === 0 && timeout > 0 && timeout <= 3600)) {
      return { ...values, location: location ?? "", timeout };
    }
  } catch {
    // An unknown option: what there is to say about it is in the usage.
  }
  throw new SpecificationError(usage);
}

try {
  process.exitCode = await main();
} catch (error) {
  // Anything else is a mistake in here, and wants its stack. Node's own exit code for that, 1, would mean differences.
  console.error(error instanceof SpecificationError ? error.message : error);
  process.exitCode = 2;
}
