/** Workers on workerd, which has no packages and no `node:http`: they are bundled, and the mock server runs here. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { startMarketServer } from "../../src/testing/index.js";
import { bundle, fixture, recipe, typescript } from "./program.js";

/** Runs the program, then the recipe for 20 concurrent requests: each of them must get a response. */
export async function runOnWorkerd(project: string, binary: string): Promise<void> {
  await using server = await startMarketServer({ chats: 42 });
  const bundled = bundle("main.js", "worker.js", { platform: "neutral", format: "esm" });
  for (const step of [typescript, fixture("workers"), recipe("workers", "recipe.js"), bundled]) await step(project);

  const market = `--external-addr=market=${new URL(server.baseUrl).host}`;
  const child = spawn(binary, ["serve", "config.capnp", market, "--control-fd=1"], {
    cwd: project,
    env: { API_KEY: server.apiKey, BUSINESS_ID: String(server.businessId) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await Promise.race([once(createInterface(child.stdout), "line"), once(child, "exit")]);
    const { port } = JSON.parse(String(line)) as { port: number };
    const url = `http://127.0.0.1:${port}`;
    const chats = await (await fetch(`${url}/program`)).text();
    if (chats !== "42") throw new Error(`the program returned ${chats}`);
    const responses = await Promise.all(Array.from({ length: 20 }, () => fetch(url)));
    const failed = responses.filter(({ ok }) => !ok);
    if (failed.length > 0) throw new Error(`${failed.length} of 20 concurrent requests failed`);
  } finally {
    child.kill();
  }
}
