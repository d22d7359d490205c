/** Draws bars as SVG, readable in light and dark mode. */

/** One group of bars with a common unit. */
export interface BarGroup {
  readonly title: string;
  readonly unit: string;
  readonly values: Readonly<Record<string, number>>;
}

const barHeight = 18;
const groupGap = 34;
const [labelWidth, barWidth, width] = [150, 330, 600];

const style = `text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 }
    .bar { fill: #8c959f } .own { fill: #0969da }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .own { fill: #58a6ff } }`;

export function drawChart(groups: readonly BarGroup[], highlighted: string): string {
  const parts: string[] = [];
  let y = 0;
  for (const { title, unit, values } of groups) {
    y += groupGap;
    parts.push(`<text class="title" x="0" y="${y - 10}">${title}</text>`);
    const maximum = Math.max(...Object.values(values));
    for (const [label, value] of Object.entries(values)) {
      const length = ((Math.max(value, 0) / maximum) * barWidth).toFixed(1);
      const bar = `<rect class="${label === highlighted ? "bar own" : "bar"}" x="${labelWidth}" y="${y}"`;
      parts.push(
        `<text x="0" y="${y + 12}">${label}</text>`,
        `${bar} width="${length}" height="${barHeight - 4}" rx="2"/>`,
        `<text x="${labelWidth + Number(length) + 6}" y="${y + 12}">${value.toFixed(unit === "ms" ? 1 : 2)} ${unit}</text>`,
      );
      y += barHeight;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 8}" width="${width}" role="img">
  <title>CPU time per request, bundle size and import time of four clients</title>
  <style>
    ${style}
  </style>
  ${parts.join("\n  ")}
</svg>
`;
}
