import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../src", import.meta.url));

/** Returns the imports of each source file, those of types and re-exports included. */
function readImports(): Map<string, string[]> {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return new Map(
    files.map((file) => {
      const source = readFileSync(join(root, file), "utf8");
      const imports = [...source.matchAll(/(?:from|import\()\s*"(\.[^"]+)\.js"/g)];
      const target = (path: string) => relative(root, join(root, dirname(file), `${path}.ts`));
      return [file, imports.map(([, path = ""]) => target(path))];
    }),
  );
}

/** Returns the first cycle that is found: "a.ts → b.ts → a.ts". */
function findCycle(imports: ReadonlyMap<string, readonly string[]>): string | undefined {
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(" → ");
    if (finished.has(file)) return undefined;
    for (const imported of imports.get(file) ?? []) {
      const cycle = visit(imported, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    finished.add(file);
    return undefined;
  };
  return [...imports.keys()].map((file) => visit(file, [])).find((cycle) => cycle !== undefined);
}

it("src/ has no import cycle", () => {
  const imports = readImports();
  expect(imports.get("index.ts")).toContain("client.ts");
  expect([...imports.values()].flat().filter((file) => !imports.has(file))).toEqual([]);
  expect(findCycle(imports)).toBeUndefined();
});

it("an import cycle is found", () => {
  const imports = { a: ["b", "d"], b: ["c"], c: ["d"], d: ["b"] };
  expect(findCycle(new Map(Object.entries(imports)))).toBe("b → c → d → b");
});
