#!/usr/bin/env node
/** The command `yandex-market-chats`. Results go to stdout, everything else to stderr. */
import { createRequire } from "node:module";
import { Command, CommanderError } from "@commander-js/extra-typings";
import { environmentHelp } from "./environment.js";
import { getCommand } from "./get.js";
import { listCommand } from "./list.js";
import { describeError, logToStderr, UsageError } from "./output.js";
import { serveCommand } from "./serve.js";

const examples = `
Examples:
  yandex-market-chats list --status NEW,WAITING_FOR_PARTNER --sort updated
  yandex-market-chats list --csv --delimiter ";" > chats.csv
  yandex-market-chats get 4200014 --json
  yandex-market-chats serve --fault-rate 0.1 --activity 30
`;

// The package resolves its own name, which works both from `src` and from `dist`.
const { version }: { version: string } = createRequire(import.meta.url)("yandex-market-chats/package.json");

const program = new Command("yandex-market-chats")
  .description("Lists and reads the customer chats of a Yandex Market store.")
  .version(version, "--version", "show the version")
  .helpOption("-h, --help", "show this help")
  .helpCommand(false)
  .addHelpText("after", examples + environmentHelp)
  .configureOutput({ getOutHelpWidth: () => 80, writeErr: () => undefined }) // Errors are written below.
  .exitOverride();
for (const each of [listCommand, getCommand, serveCommand]) program.addCommand(each.copyInheritedSettings(program));

// A reader such as `head` that closes the pipe is no error: the command ends immediately, without further requests.
// Windows reports EOF in place of EPIPE.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" || error.code === "EOF") process.exit(0);
  logToStderr(`yandex-market-chats: cannot write to stdout: ${error.message}`);
  process.exit(1);
});
// There is no stream left to report an error of stderr to.
process.stderr.on("error", () => undefined);

const args = process.argv.slice(2);
const [first = "-"] = args;
const isGlobal = ["-h", "--help", "--version"].includes(first);
// `list` is the default command.
if (first.startsWith("-") && !isGlobal) args.unshift("list");
try {
  await program.parseAsync(args, { from: "user" });
} catch (error) {
  // With exit code 0, Commander has printed the help or the version.
  if (!(error instanceof CommanderError && error.exitCode === 0)) fail(error);
}

function fail(error: unknown): void {
  const isUsageError = error instanceof UsageError || error instanceof CommanderError;
  // Commander begins its messages with "error: ", and ends some with a period.
  const message = describeError(error).replace(/^error: |\.$/g, "");
  const command = program.commands.some((each) => each.name() === args[0]) ? `yandex-market-chats ${args[0]} ` : "";
  logToStderr(`yandex-market-chats: ${message}${isUsageError ? `; see ${command}--help` : ""}`);
  process.exitCode = isUsageError ? 2 : 1;
}
