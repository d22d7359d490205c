import { Command } from "@commander-js/extra-typings";
import { type Chat, MarketError } from "../index.js";
import { isId } from "./arguments.js";
import { allowHttpOption, connect, environmentHelp } from "./environment.js";
import { toJsonLine } from "./format.js";
import { createPaint, describeError, logToStderr, type Paint, print, UsageError } from "./output.js";
import { describeContext, getOrderId, paintStatus } from "./table.js";
import { formatLocalTime, formatTimeAgo, printable } from "./text.js";

export const getCommand = new Command("get")
  .summary("show one chat")
  .description("Shows one chat.")
  .argument("<chatId>", "ID of the chat", readChatId)
  .option("--json", "the chat as JSON, as the API returned it")
  .addOption(allowHttpOption())
  .addHelpText("after", environmentHelp);

getCommand.action(async (chatId, { json, allowHttp }) => {
  await using connection = await connect(allowHttp === true);
  const { market, source, isSample } = connection;
  const chat = await market.getChat(chatId).catch((error: unknown) => {
    // An error is one line, so the line says that only sample chats were searched.
    const hint = isSample ? ` (${source})` : "";
    throw error instanceof MarketError ? new Error(`${describeError(error)}${hint}`) : error;
  });
  if (isSample) logToStderr(`Showing one of the ${source}.`);
  await print(json ? toJsonLine(chat) : describeChat(chat, createPaint(process.stdout)));
});

function readChatId(text: string): number {
  if (!isId(text)) throw new UsageError(`the ID of the chat must be a positive integer, not "${text}"`);
  return Number(text);
}

function describeChat(chat: Partial<Chat>, paint: Paint): string {
  const { chatId, status, type, context, createdAt = "", updatedAt = "" } = chat;
  const formatTime = (text: string) => `${formatLocalTime(text)}, ${formatTimeAgo(text)}`;
  const values = {
    Status: paintStatus(paint, printable(status)),
    Type: printable(type),
    Context: describeContext(chat),
    Order: printable(getOrderId(chat)),
    Store: printable(context?.campaignId),
    Customer: printable(context?.customer?.name),
    "Customer ID": printable(context?.customer?.publicId),
    Created: formatTime(createdAt),
    Updated: formatTime(updatedAt),
  };
  const lines = Object.entries(values).map(([name, value]) => `${name.padEnd(11)}  ${value}\n`);
  return `${paint("bold", `Chat ${printable(chatId)}`)}\n\n${lines.join("")}`;
}
