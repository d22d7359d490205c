/** Formats the report for a terminal or a CI log. */
import type { Change } from "./accepted.js";
import type { Report } from "./compare.js";

export function formatReport({ operations, differences, accepted, stale, others }: Report): string {
  const classes = ["breaking", "addition", "documentation"].map((name) => {
    return { name, lines: differences.filter((difference) => difference.class === name) };
  });
  const kinds = [...classes, { name: "stale", lines: stale }, { name: "accepted", lines: accepted }];
  const blocks = operations.map((operation) => {
    const texts = kinds.flatMap(({ name, lines }) =>
      lines.filter((line) => line.operation === operation).map((line) => `  ${name.padEnd(15)}${formatChange(line)}`),
    );
    return [operation, ...(texts.length > 0 ? texts : ["  no differences"]), ""];
  });
  const [breaking, addition, documentation, ...rest] = kinds.map(({ name, lines }) => `${lines.length} ${name}`);
  return [
    ...blocks.flat(),
    ...(stale.length > 0 ? ["Stale: there is no such difference. Remove the entry from x-accepted-drift."] : []),
    ...(others.length > 0 ? [`Published with the same tag, not compared: ${others.join(", ")}.`] : []),
    `${differences.length} differences (${breaking}, ${addition}, ${documentation}), ${rest.reverse().join(", ")}`,
  ].join("\n");
}

function formatChange(change: Change & { readonly reason?: string }): string {
  const { where, what, theirs = "—", ours = "—", reason } = change;
  const path = where.join(" › ") || "(operation)";
  return `${path}: ${what}, theirs: ${theirs}, ours: ${ours}${reason === undefined ? "" : ` (${reason})`}`;
}
