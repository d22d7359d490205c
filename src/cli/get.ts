import { Command } from "@commander-js/extra-typings";
import { integer } from "./arguments.js";
import { allowHttpOption, connect, environmentHelp } from "./environment.js";
import { toJsonLine } from "./format.js";
import { logToStderr, writeToStdout } from "./output.js";
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
  if (connection.isSample) logToStderr(`Reading ${connection.source}.`);
  const chat = await connection.market.getChat(chatId);
  await writeToStdout(json ? toJsonLine(chat) : describeChat(chat));
});
