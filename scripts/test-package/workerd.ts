/** Workers on workerd, which has no packages and no `node:http`: they are bundled, and the mock server runs here. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { startMarketServer } from "../../src/testing/index.js";
import { bundle, copyProgram, readRecipe } from "./program.js";

/** Without compatibility flags, so without the modules of Node. All requests go to the mock server. */
const createConfig = (
  address: string,
  apiKey: string,
  businessId: number,
) => `using Workerd = import "/workerd/workerd.capnp";

const bindings :List(Workerd.Worker.Binding) = [
  (name = "API_KEY", text = "${apiKey}"),
  (name = "BUSINESS_ID", text = "${businessId}"),
];

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      compatibilityDate = "2025-01-01",
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      bindings = .bindings,
      globalOutbound = "market",
    )),
    (name = "market", external = (address = "${address}", http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
`;

/** Serves the program and the recipe of the documentation. */
const worker = `import recipe from "./recipe.js";
import { readChats } from "./read-chats.ts";

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname !== "/program") return recipe.fetch(request, env);
    return new Response(await readChats({ apiKey: env.API_KEY, businessId: Number(env.BUSINESS_ID) }));
  },
};
`;

/** Runs the program, then the recipe for 20 concurrent requests: each of them must get a response. */
export async function runOnWorkerd(project: string, binary: string): Promise<void> {
  await using server = await startMarketServer({ chats: 42 });
  copyProgram(project);
  writeFileSync(join(project, "recipe.js"), await readRecipe("workers"));
  writeFileSync(join(project, "main.js"), worker);
  await bundle(project, "main.js", { platform: "neutral", format: "esm", outfile: "worker.js" });
  const config = createConfig(new URL(server.baseUrl).host, server.apiKey, server.businessId);
  writeFileSync(join(project, "config.capnp"), config);

  const child = spawn(binary, ["serve", "config.capnp", "--control-fd=1"], {
    cwd: project,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const url = `http://127.0.0.1:${await readPort(child.stdout)}`;
    const program = await fetch(`${url}/program`);
    const chats = await program.text();
    if (chats !== "42") throw new Error(`the program returned ${chats}`);
    const responses = await Promise.all(Array.from({ length: 20 }, () => fetch(url)));
    const failed = responses.filter(({ ok }) => !ok);
    if (failed.length > 0) throw new Error(`${failed.length} of 20 concurrent requests failed`);
  } finally {
    child.kill();
    await once(child, "exit");
  }
}

/** Returns the port from the control messages. */
async function readPort(output: Readable): Promise<number> {
  for await (const line of createInterface(output)) {
    const message = JSON.parse(line) as { event: string; port?: number };
    if (message.port !== undefined) return message.port;
  }
  throw new Error("workerd has ended");
}
