import { readFileSync } from "node:fs";

/** A block of code in the README, under the name that the comment above it gives. */
export interface Example {
  name: string;
  code: string;
}

export const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** Every block of TypeScript. One without a name has an empty one. */
export function examplesIn(markdown: string): Example[] {
  const blocks = markdown.matchAll(/(?:<!-- example: (?<name>[\w-]+) -->\n\n)?```(?:ts|js)\n(?<code>.*?)```/gs);
  return [...blocks].map(({ groups }) => ({ name: groups?.["name"] ?? "", code: groups?.["code"] ?? "" }));
}
