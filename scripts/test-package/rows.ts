import { availableParallelism } from "node:os";
import { inspect } from "node:util";

/** One line of the report. */
export interface Row {
  readonly title: string;
  /** Rejects if the row fails. */
  run(): Promise<void>;
}

/**
 * Runs the rows, as many concurrently as there are processors. Prints the results in order, then the errors and the
 * count. If a row fails, the exit code of the process becomes 1.
 */
export async function runRows(rows: readonly Row[], format: (title: string, result: string) => string): Promise<void> {
  const errors: Promise<unknown>[] = [];
  for (const row of rows) {
    const earlier = errors[errors.length - availableParallelism()];
    const start = async () => {
      await earlier;
      await row.run();
    };
    errors.push(start().catch((error: unknown) => error));
  }
  const failures: string[] = [];
  for (const [index, { title }] of rows.entries()) {
    const error = await errors[index];
    console.log(format(title, error === undefined ? "ok" : "FAIL"));
    if (error !== undefined) failures.push(`\nFAIL  ${title}\n${inspect(error)}`);
  }
  failures.forEach((failure) => console.log(failure));
  console.log(`\n${rows.length - failures.length} passed, ${failures.length} failed`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}
