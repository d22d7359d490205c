/** Runs the command and other programs as processes. */
import { spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { MarketServer } from "../../src/testing/index.js";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** The command line that runs the command from its source. */
export const command = [process.execPath, "--import", "tsx", main] as const;

type Variables = Readonly<Record<string, string>>;

/** Starts a program without the variables of this process that could configure the command. */
export function start([file, ...args]: readonly [string, ...string[]], variables?: Variables, options?: SpawnOptions) {
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, TZ: "UTC", ...variables };
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"], ...options });
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const closed = once(child, "close");
  return { child, output, end: async () => ({ code: (await closed)[0] as number | null, ...output }) };
}

/** Runs a TypeScript file. */
export const runScript = (file: string, args: readonly string[], variables?: Variables) =>
  start([process.execPath, "--import", "tsx", file, ...args], variables).end();

export const run = (args: readonly string[], variables?: Variables) => runScript(main, args, variables);

/** Runs the command in a process that runs a script before it. */
export function runAfter(script: string, variables?: Variables) {
  const [node, ...args] = command;
  return start([node, "--import", `data:text/javascript,${script}`, ...args], variables).end();
}

export function getVariables(server: Pick<MarketServer, "apiKey" | "businessId" | "baseUrl">) {
  return {
    YANDEX_MARKET_API_KEY: server.apiKey,
    YANDEX_MARKET_BUSINESS_ID: String(server.businessId),
    YANDEX_MARKET_BASE_URL: server.baseUrl,
  };
}

/** Returns the lines of a text that ends with a line break. */
export function getLines(text: string): string[] {
  if (text !== "" && !text.endsWith("\n")) throw new Error(`the last line is incomplete: ${text.slice(-80)}`);
  return text.split("\n").slice(0, -1);
}
