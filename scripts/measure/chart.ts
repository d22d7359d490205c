/** Draws bars as SVG, readable in light and dark mode. */
export interface BarGroup {
  readonly title: string;
  readonly unit: string;
  readonly values: Readonly<Record<string, number>>;
}

const style = `text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 }
    .bar { fill: #8c959f } .own { fill: #0969da }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .own { fill: #58a6ff } }`;

export function drawChart(groups: readonly BarGroup[], highlighted: string): string {
  let y = 0;
  const parts = groups.flatMap(({ title, unit, values }) => {
    y += 34;
    const longest = Math.max(...Object.values(values));
    const bars = Object.entries(values).map(([label, value]) => {
      const length = Math.round((Math.max(value, 0) / longest) * 330);
      const bar = `<rect class="bar${label === highlighted ? " own" : ""}" x="150" y="${y}" width="${length}" height="14"/>`;
      const text = `<text x="${length + 156}" y="${y + 12}">${value.toFixed(unit === "ms" ? 1 : 2)} ${unit}</text>`;
      y += 18;
      return `<text x="0" y="${y - 6}">${label}</text>${bar}${text}`;
    });
    return [`<text class="title" x="0" y="${y - 10 - 18 * bars.length}">${title}</text>`, ...bars];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 ${y + 8}" width="600" role="img">
  <title>CPU time per request, bundle size and import time of four clients</title>
  <style>
    ${style}
  </style>
  ${parts.join("\n  ")}
</svg>
`;
}
