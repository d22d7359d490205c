/** The body of a response: read up to a maximum size, parsed, and described in a message. */
import { int64Fields } from "./generated/constants.js";

/** A page of 20 chats has less than 20 kB. An endless body, or a decompressed one, would exhaust the memory. */
const maxSize = 10_000_000;

/**
 * Reads the body. Returns undefined if it is larger than 10 MB, or if the signal has aborted: an injected `fetch` may
 * ignore it, and respond later.
 *
 * @param onStart - Is called with a function that stops reading. A listener on the signal would take longer.
 */
export async function readText(
  response: Response,
  signal: AbortSignal,
  onStart: (cancel: () => void) => void,
): Promise<string | undefined> {
  // Polyfills of `fetch` have bodies without a reader. jsdom has no TextDecoder.
  if (typeof response.body?.getReader !== "function" || typeof TextDecoder !== "function") {
    const text = await response.text();
    return text.length > maxSize ? undefined : text;
  }
  const reader = response.body.getReader();
  const cancel = () => void reader.cancel().catch(() => undefined); // Closes the connection.
  if (signal.aborted) return cancel();
  onStart(cancel);
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= maxSize) {
    const { done, value } = await reader.read(); // `for await` is slower.
    if (done) return decode(chunks, size);
    chunks.push(value);
    size += value.length;
  }
  return cancel();
}

let decoder: InstanceType<typeof TextDecoder> | undefined;

function decode(chunks: readonly Uint8Array[], size: number): string {
  decoder ??= new TextDecoder(); // Shared: creating one per response is slow.
  if (chunks.length === 1) return decoder.decode(chunks[0]);
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return decoder.decode(bytes);
}

/** Returns undefined if the text is not JSON. */
export function parseJson(text: string, reviver?: (name: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return undefined;
  }
}

const int64Names: readonly string[] = int64Fields;

/** Returns the name of a documented integer that `JSON.parse` has rounded. */
export function findUnsafeInteger(text: string): string | undefined {
  // A reviver takes several times as long as `JSON.parse`, and hardly any body has such a number after a name.
  if (!/:\s*-?\d{16}/.test(text)) return undefined;
  let found: string | undefined;
  parseJson(text, (name, value) => {
    const isUnsafe = typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER;
    if (isUnsafe && int64Names.includes(name)) found ??= name;
    return value;
  });
  return found;
}

/** Describes a body that is not documented: `not JSON (text/html): 403 Forbidden`. The text must contain no key. */
export function describeBody(text: string, contentType = "no Content-Type"): string {
  if (text === "") return "the body is empty";
  const shown = toLine(text.slice(0, 4000).replace(/<(script|style)\b.*?<\/\1>|<[^>]*>/gis, " "), 200);
  const format = parseJson(text) === undefined ? "not JSON" : "not in the documented format";
  return `the body is ${format} (${contentType})${shown && `: ${shown}`}`;
}

/** Converts a text of unknown length and content to a part of a message. */
export function toLine(text: string, maxLength: number): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, maxLength);
}
