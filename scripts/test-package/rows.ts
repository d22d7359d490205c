import { availableParallelism } from "node:os";
import { inspect } from "node:util";

/** One line of the report. */
export interface Row {
  readonly title: string;
  /** Rejects if the row fails. Returns the reason if it cannot run on this machine. */
  run(): Promise<string | void>;
}

/**
 * Runs the rows, as many concurrently as there are processors. Prints the results in order, then the errors and the
 * count. If a row fails, the exit code of the process becomes 1.
 */
export async function runRows(rows: readonly Row[], format: (title: string, result: string) => string): Promise<void> {
  const parallel = availableParallelism();
  const results: Promise<readonly [result: string, details?: string]>[] = [];
  for (const row of rows) {
    const earlier = results[results.length - parallel];
    const start = async () => {
      await earlier;
      const reason = await row.run();
      return reason === undefined ? (["ok"] as const) : (["skip", reason] as const);
    };
    results.push(start().catch((error: unknown) => ["FAIL", inspect(error)]));
  }
  const counts: Record<string, number> = { ok: 0, FAIL: 0, skip: 0 };
  const reports: string[] = [];
  for (const [index, { title }] of rows.entries()) {
    const [result = "", details] = (await results[index]) ?? [];
    counts[result] = (counts[result] ?? 0) + 1;
    console.log(format(title, result));
    if (details !== undefined) reports.push(`\n${result}  ${title}\n${details}`);
  }
  reports.forEach((report) => console.log(report));
  console.log(
    `\n${counts["ok"]} passed, ${counts["FAIL"]} failed${counts["skip"] ? `, ${counts["skip"]} skipped` : ""}`,
  );
  process.exitCode = counts["FAIL"] === 0 ? 0 : 1;
}
