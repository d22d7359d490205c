/**
 * Runs all checks, even if one of them fails, and prints the result of each:
 *
 *     npm test                        types, format, generated files, tests
 *     npm run test:quick              only the tests that are fast
 *     npm run test:watch              only the tests, again after each change
 *     npm test -- --reporter=verbose  options and filters for Vitest
 *
 * Exit code 0: all checks passed. 1: at least one failed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

const root = new URL("..", import.meta.url);

/** They start processes or compilers. */
const slowTests = ["cli*", "docs", "drift", "generate", "processes", "release", "server", "types"];

const [first, ...others] = process.argv.slice(2);
const [isQuick, isWatch] = [first === "--quick", first === "--watch"];

// Timeouts for a machine that runs other programs at the same time.
const timeouts = ["--testTimeout=60000", "--hookTimeout=60000"];
const vitest = ["node_modules/vitest/vitest.mjs", "--dir=test", "--maxWorkers=100%", ...timeouts];
const excluded = isQuick ? slowTests.map((name) => `--exclude=**/${name}.test.ts`) : [];
const selected = isQuick || isWatch ? others : process.argv.slice(2);
const checks = {
  types: ["node_modules/typescript/bin/tsc"],
  format: ["node_modules/prettier/bin/prettier.cjs", "--check", "."],
  "generated files": ["--import", "tsx", "scripts/generate.ts", "--check"],
  tests: [...vitest, isWatch ? "watch" : "run", ...excluded, ...selected],
};

const results: string[] = [];
for (const [name, args] of Object.entries(isQuick || isWatch ? { tests: checks.tests } : checks)) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  results.push(`${code === 0 ? "ok  " : "FAIL"}  ${name}`);
  if (code !== 0) process.exitCode = 1;
}
console.log(results.join("\n"));
