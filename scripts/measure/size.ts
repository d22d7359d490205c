/** Bundle size and import time of the published package, and of other clients. */
import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { installNode, packageName } from "../test-package/workspace.js";
import { workspace } from "./workers.js";

/** One slow round does not move the median. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Returns the size of a client, bundled for browsers, minified and gzipped, in kilobytes. */
export async function measureBundle(client: string): Promise<number> {
  const name = client === packageName ? "createChatsClient" : "default";
  const { outputFiles } = await build({
    stdin: { contents: `export { ${name} } from "${client}";`, resolveDir: workspace },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length / 1000;
}

/** Returns the Node in use, or the one of another major version from the npm registry. */
export async function findNode(version: string): Promise<string> {
  return process.version.startsWith(`v${version}.`) ? process.execPath : installNode(workspace, version);
}

/** Returns the milliseconds that an import takes above an empty script. */
export function measureImport(client: string, node: string): number {
  const timeScript = (script: string) => {
    const startedAt = performance.now();
    execFileSync(node, ["--input-type=module", "--eval", script], { cwd: workspace });
    return performance.now() - startedAt;
  };
  const script = `import ${JSON.stringify(client)};`;
  return median(Array.from({ length: 31 }, () => timeScript(script) - timeScript("export {};")));
}
