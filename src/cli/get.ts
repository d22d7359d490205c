import { parseArgs } from "node:util";
import { type Chat, MarketError } from "../index.js";
import { clientOptions, isId } from "./arguments.js";
import { connect } from "./environment.js";
import { toJsonLine } from "./format.js";
import { createPaint, describeError, logToStderr, type Paint, print, UsageError } from "./output.js";
import { describeContext, paintStatus } from "./table.js";
import { formatLocalTime, formatTimeAgo, printable } from "./text.js";

/** @throws UsageError or an error of `parseArgs` that names the invalid argument. */
function readGetArguments(args: string[]) {
  const { values, positionals } = parseArgs({ args, options: clientOptions, allowPositionals: true });
  const [chatId, ...rest] = positionals;
  if (chatId === undefined || rest.length > 0) throw new UsageError("get needs one argument, the ID of the chat");
  if (!isId(chatId)) throw new UsageError(`the ID of the chat must be a positive integer, not "${chatId}"`);
  return { chatId: Number(chatId), isJson: values.json, allowHttp: values["allow-http"] };
}

export async function runGet(args: string[]): Promise<void> {
  const { chatId, isJson, allowHttp } = readGetArguments(args);
  await using connection = await connect(allowHttp);
  const { market, source, isSample } = connection;
  const chat = await market.getChat(chatId).catch((error: unknown) => {
    // An error is one line, so the line says that only sample chats were searched.
    const hint = isSample ? ` (${source})` : "";
    throw error instanceof MarketError ? new Error(`${describeError(error)}${hint}`) : error;
  });
  if (isSample) logToStderr(`Showing one of the ${source}.`);
  await print(isJson ? toJsonLine(chat) : describeChat(chat, createPaint(process.stdout)));
}

function describeChat(chat: Partial<Chat>, paint: Paint): string {
  const { chatId, status, type, context, createdAt = "", updatedAt = "" } = chat;
  const formatTime = (text: string) => `${formatLocalTime(text)}, ${formatTimeAgo(text)}`;
  const rows = [
    ["Status", paintStatus(paint, printable(status))],
    ["Type", printable(type)],
    ["Context", describeContext(context)],
    ["Order", printable(context?.orderId)],
    ["Store", printable(context?.campaignId)],
    ["Customer", printable(context?.customer?.name)],
    ["Customer ID", printable(context?.customer?.publicId)],
    ["Created", formatTime(createdAt)],
    ["Updated", formatTime(updatedAt)],
  ];
  const lines = rows.map(([name = "", value = ""]) => `${name.padEnd(11)}  ${value}`);
  return `${paint("bold", `Chat ${printable(chatId)}`)}\n\n${lines.join("\n")}\n`;
}
