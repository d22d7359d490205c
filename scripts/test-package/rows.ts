import { availableParallelism } from "node:os";
import { inspect } from "node:util";

/** One line of the report. */
export interface Row {
  readonly title: string;
  /** Rejects if something is not as it should be. */
  run(): Promise<void>;
}

/**
 * Runs the rows, as many at the same time as there are processors. Prints the results in order, then the errors and the
 * count. If a row fails, the exit code of the process becomes 1.
 */
export async function runRows(rows: readonly Row[], format: (title: string, result: "ok" | "FAIL") => string) {
  const parallel = availableParallelism();
  const errors: Promise<string | void>[] = [];
  for (const row of rows) {
    const start = async (earlier: Promise<unknown> | undefined) => {
      await earlier;
      await row.run();
    };
    errors.push(start(errors[errors.length - parallel]).catch((error: unknown) => inspect(error)));
  }
  const reports: string[] = [];
  for (const [index, { title }] of rows.entries()) {
    const error = await errors[index];
    console.log(format(title, error === undefined ? "ok" : "FAIL"));
    reports.push(...(error === undefined ? [] : [`\nFAIL  ${title}\n${error}`]));
  }
  reports.forEach((report) => console.log(report));
  console.log(`\n${rows.length - reports.length} passed, ${reports.length} failed`);
  process.exitCode = reports.length === 0 ? 0 : 1;
}
