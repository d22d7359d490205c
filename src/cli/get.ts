import { Command } from "@commander-js/extra-typings";
import { MarketError } from "../index.js";
import { integer } from "./arguments.js";
import { allowHttpOption, connect, environmentHelp } from "./environment.js";
import { toJsonLine } from "./format.js";
import { describeError, logToStderr, writeToStdout } from "./output.js";
import { describeChat } from "./table.js";

export const getCommand = new Command("get")
  .summary("show one chat")
  .description("Shows one chat.")
  .argument("<chatId>", "ID of the chat", integer("the ID of the chat", 1))
  .option("--json", "the chat as JSON, as the API returned it")
  .addOption(allowHttpOption())
  .addHelpText("after", environmentHelp);

getCommand.action(async (chatId, { json, allowHttp }) => {
  await using connection = await connect(allowHttp);
  const { market, source, isSample } = connection;
  const chat = await market.getChat(chatId).catch((error: unknown) => {
    // An error is one line, so the line says that only sample chats were searched.
    const hint = isSample ? ` (${source})` : "";
    throw error instanceof MarketError ? new Error(`${describeError(error)}${hint}`) : error;
  });
  if (isSample) logToStderr(`Showing one of the ${source}.`);
  await writeToStdout(json ? toJsonLine(chat) : describeChat(chat));
});
