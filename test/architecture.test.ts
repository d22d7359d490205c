import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, it } from "vitest";

const root = new URL("../src/", import.meta.url);

/** Returns the imports of each source file, those of types and re-exports included. */
function readImports(): Map<string, string[]> {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"));
  const read = (file: string) => {
    const imports = readFileSync(new URL(file, root), "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)\.js"/g);
    return [...imports].map(([, path = ""]) => posix.join(posix.dirname(file), `${path}.ts`));
  };
  return new Map(files.filter((file) => file.endsWith(".ts")).map((file) => [file, read(file)]));
}

/** Returns the files that are part of an import cycle, and those that import them. */
function findCyclic(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const isCyclic = (file: string) => imports.get(file)?.some((imported) => imports.has(imported));
  const cyclic = new Map([...imports].filter(([file]) => isCyclic(file)));
  return cyclic.size === imports.size ? [...cyclic.keys()] : findCyclic(cyclic);
}

it("src/ has no import cycle", () => {
  const imports = readImports();
  expect(imports.get("index.ts")).toContain("client.ts");
  expect([...imports.values()].flat().filter((file) => !imports.has(file))).toEqual([]);
  expect(findCyclic(imports)).toEqual([]);
});

it("an import cycle is found", () => {
  const imports = { a: ["b", "d"], b: ["c"], c: ["d", "e"], d: ["b"], e: ["f"], f: [] };
  expect(findCyclic(new Map(Object.entries(imports)))).toEqual(["a", "b", "c", "d"]);
});
