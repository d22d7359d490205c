#!/usr/bin/env node
/** The command `yandex-market-chats`. Results go to stdout, everything else to stderr. */
import { createRequire } from "node:module";
import { runGet } from "./get.js";
import { help } from "./help.js";
import { runList } from "./list.js";
import { describeError, logToStderr, print, UsageError } from "./output.js";
import { runServe } from "./serve.js";

const commands = { list: runList, get: runGet, serve: runServe };

type CommandName = keyof typeof commands;

function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

/** Returns the command and its arguments. `list` is the default. */
function findCommand([first, ...rest]: string[]): { name: CommandName | undefined; args: string[] } {
  if (first === undefined || first.startsWith("-")) {
    return { name: undefined, args: first === undefined ? [] : [first, ...rest] };
  }
  if (!isCommandName(first)) {
    throw new UsageError(`unknown command "${first}"; the commands are ${Object.keys(commands).join(", ")}`);
  }
  return { name: first, args: rest };
}

function getVersion(): string {
  // The package resolves its own name, which works both from `src` and from `dist`.
  const { version }: { version: string } = createRequire(import.meta.url)("yandex-market-chats/package.json");
  return version;
}

async function main(): Promise<void> {
  const { name, args } = findCommand(process.argv.slice(2));
  if (args.includes("--help") || args.includes("-h")) {
    await print(help[name ?? "general"]);
  } else if (args.includes("--version")) {
    await print(`${getVersion()}\n`);
  } else {
    await commands[name ?? "list"](args);
  }
}

/** Whether `parseArgs` rejected an argument. */
function isParseError(error: unknown): boolean {
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}

// A reader such as `head` that closes the pipe is no error: the command ends immediately, without further requests.
// Windows reports EOF in place of EPIPE.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE" && error.code !== "EOF") {
    logToStderr(`yandex-market-chats: cannot write to stdout: ${error.message}`);
    process.exit(1);
  }
  process.exit(0);
});
// There is no stream left to report an error of stderr to.
process.stderr.on("error", () => undefined);
try {
  await main();
} catch (error) {
  const isUsageError = error instanceof UsageError || isParseError(error);
  const message = describeError(error).replace(/\.$/, "");
  logToStderr(`yandex-market-chats: ${message}${isUsageError ? "; see --help" : ""}`);
  process.exitCode = isUsageError ? 2 : 1;
}
