#!/usr/bin/env node
/** The command `yandex-market-chats`. Results go to stdout, everything else to stderr. */
import { createRequire } from "node:module";
import { runGet } from "./get.js";
import { help } from "./help.js";
import { runList } from "./list.js";
import { describeError, logToStderr, print, UsageError } from "./output.js";
import { runServe } from "./serve.js";

const commands = { list: runList, get: runGet, serve: runServe };

function isCommandName(name: string): name is keyof typeof commands {
  return Object.hasOwn(commands, name);
}

async function main([first = "list", ...rest]: string[]): Promise<void> {
  const isOption = first.startsWith("-");
  const name = isOption ? "list" : first;
  if (!isCommandName(name)) {
    throw new UsageError(`unknown command "${name}"; the commands are ${Object.keys(commands).join(", ")}`);
  }
  const args = isOption ? [first, ...rest] : rest;
  if (args.includes("--help") || args.includes("-h")) return print(help[isOption ? "general" : name]);
  if (args.includes("--version")) return print(`${getVersion()}\n`);
  return commands[name](args);
}

function getVersion(): string {
  // The package resolves its own name, which works both from `src` and from `dist`.
  const { version }: { version: string } = createRequire(import.meta.url)("yandex-market-chats/package.json");
  return version;
}

/** Whether `parseArgs` rejected an argument. */
function isParseError(error: unknown): boolean {
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}

// A reader such as `head` that closes the pipe is no error: the command ends immediately, without further requests.
// Windows reports EOF in place of EPIPE.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" || error.code === "EOF") process.exit(0);
  logToStderr(`yandex-market-chats: cannot write to stdout: ${error.message}`);
  process.exit(1);
});
// There is no stream left to report an error of stderr to.
process.stderr.on("error", () => undefined);
try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsageError = error instanceof UsageError || isParseError(error);
  const message = describeError(error).replace(/\.$/, "");
  const command = process.argv[2] ?? "";
  const advice = isCommandName(command) ? `; see yandex-market-chats ${command} --help` : "; see --help";
  logToStderr(`yandex-market-chats: ${message}${isUsageError ? advice : ""}`);
  process.exitCode = isUsageError ? 2 : 1;
}
