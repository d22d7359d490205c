/** The program on workerd, which finds no packages and has no `node:http`: it comes as a bundle, the server is here. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startMarketServer } from "../../src/testing/index.js";
import { bundle, copyProgram, runProgram } from "../test-package/program.js";

/** No compatibility flags: none of Node's modules are there. */
const config = (server: unknown) => `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "program", worker = (
      compatibilityDate = "2025-01-01",
      modules = [
        (name = "worker.js", esModule = embed "worker.js"),
        (name = "read-chats.js", esModule = embed "read-chats.js"),
      ],
      bindings = [(name = "server", json = ${JSON.stringify(JSON.stringify(server))})],
    )),
    (name = "internet", network = (allow = ["local"])),
  ],
);
`;

const worker = `import { readChats } from "./read-chats.js";

export default {
  async test(controller, { server }) {
    console.log(\`\${await readChats(server)} chats\`);
  },
};
`;

/** Runs the program as a test of workerd: those have the same surroundings as what is served. */
export async function runOnWorkerd(project: string, binary: string): Promise<void> {
  await using server = await startMarketServer({ chats: 42 });
  const { baseUrl, apiKey, businessId } = server;
  copyProgram(project);
  await bundle(project, "read-chats.ts", { platform: "neutral", format: "esm", outfile: "read-chats.js" });
  writeFileSync(join(project, "worker.js"), worker);
  writeFileSync(join(project, "config.capnp"), config({ baseUrl, apiKey, businessId }));
  await runProgram(project, binary, ["test", "config.capnp"]);
}
