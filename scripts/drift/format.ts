/** The report as a maintainer reads it in a terminal or in a CI log. */
import type { Change } from "./accepted.js";
import type { Report } from "./compare.js";

interface Line extends Change {
  readonly kind: "breaking" | "addition" | "documentation" | "stale" | "accepted";
  readonly reason?: string;
}

export function formatReport({ operations, differences, accepted, stale, others }: Report): string {
  const classes = ["breaking", "addition", "documentation"];
  const lines: Line[] = [
    ...differences
      .toSorted((one, other) => classes.indexOf(one.class) - classes.indexOf(other.class))
      .map((line) => ({ ...line, kind: line.class })),
    ...stale.map((line) => ({ ...line, kind: "stale" as const })),
    ...accepted.map((line) => ({ ...line, kind: "accepted" as const })),
  ];
  const rows = lines.map((line) => ({ operation: line.operation, cells: cellsOf(line) }));
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map(({ cells }) => cells[column]?.length ?? 0)));
  const groups = operations.map((operation) => {
    const texts = rows
      .filter((row) => row.operation === operation)
      .map(({ cells }) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
    return [operation, ...(texts.length > 0 ? texts : ["no differences"]).map((text) => `  ${text}`), ""];
  });

  const count = (kind: Line["kind"]) => `${lines.filter((line) => line.kind === kind).length} ${kind}`;
  return [
    ...groups.flat(),
    ...(stale.length > 0 ? ["Stale: accepted, but no longer so. Take it out of x-accepted-drift."] : []),
    ...(others.length > 0 ? [`Published under the same tag, and not compared: ${others.join(", ")}.`] : []),
    `${differences.length} differences (${count("breaking")}, ${count("addition")}, ${count("documentation")}), ` +
      `${count("accepted")}, ${count("stale")}`,
  ].join("\n");
}

function cellsOf({ kind, where, what, theirs = "—", ours = "—", reason }: Line): string[] {
  const sides = kind === "stale" ? `accepted was theirs: ${theirs}` : `theirs: ${theirs}  ours: ${ours}`;
  return [kind, where.join(" › ") || "(operation)", what, reason === undefined ? sides : `${sides}  (${reason})`];
}
