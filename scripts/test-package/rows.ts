import { availableParallelism } from "node:os";
import { inspect } from "node:util";

/** One line of the report. */
export interface Row {
  readonly title: string;
  /** Rejects if something is not as it should be. */
  run(): Promise<void>;
}

/**
 * Runs the rows, as many at once as there are processors. Prints them in their order as they end, then what went wrong,
 * then the count. If anything did go wrong, the process will end with exit code 1.
 */
export async function runRows(rows: readonly Row[], format: (title: string, result: "ok" | "FAIL") => string) {
  const parallel = availableParallelism();
  const problems: Promise<string | undefined>[] = [];
  for (const row of rows) {
    const earlier = problems[problems.length - parallel];
    problems.push(Promise.resolve(earlier).then(() => problemOf(row)));
  }

  const reports: string[] = [];
  for (const [index, { title }] of rows.entries()) {
    const problem = await problems[index];
    console.log(format(title, problem === undefined ? "ok" : "FAIL"));
    if (problem !== undefined) {
      reports.push(`\nFAIL  ${title}\n${problem}`);
    }
  }
  for (const report of reports) {
    console.log(report);
  }
  console.log(`\n${rows.length - reports.length} passed, ${reports.length} failed`);
  process.exitCode = reports.length === 0 ? 0 : 1;
}

async function problemOf(row: Row): Promise<string | undefined> {
  try {
    await row.run();
    return undefined;
  } catch (error) {
    return inspect(error);
  }
}
