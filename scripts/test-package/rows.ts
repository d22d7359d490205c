import { availableParallelism } from "node:os";
import { describe, it } from "node:test";

export interface Row {
  readonly title: string;
  /** Rejects if the row fails. */
  run(): Promise<void>;
}

/** Runs the rows as tests of Node, as many concurrently as there are processors. */
export function runRows(title: string, rows: readonly Row[]): void {
  void describe(title, { concurrency: availableParallelism() }, () => {
    for (const row of rows) void it(row.title, () => row.run());
  });
}
