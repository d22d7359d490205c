/** Finds a key in a text, however it got there: as it is, in part, encoded, in other letters, or as bytes. */
import { Buffer } from "node:buffer";
import { inspect } from "node:util";

/** So many characters in a row are no chance. */
const length = 12;

/** Every part of the key that leaves a trace in the text, in the form in which it does. */
export function tracesOf(key: string, text: string): string[] {
  const lowerCase = text.toLowerCase();
  const parts = Array.from({ length: key.length - length + 1 }, (_, start) => key.slice(start, start + length));
  return parts.flatMap(formsOf).filter((form) => lowerCase.includes(form));
}

function formsOf(part: string): string[] {
  const bytes = Buffer.from(part);
  // Base64 depends on how many characters have gone before; at the edges it depends on the neighbours, too.
  const base64 = [0, 1, 2].map((before) =>
    Buffer.from("?".repeat(before) + part)
      .toString("base64")
      .slice(4, 16),
  );
  const forms = [
    part,
    encodeURIComponent(part),
    JSON.stringify(part).slice(1, -1),
    JSON.stringify(JSON.stringify(part).slice(1, -1)).slice(1, -1),
    [...part].reverse().join(""),
    ...base64,
    ...base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
    bytes.toString("hex"),
    // As `inspect` shows a Buffer, and a Uint8Array.
    [...bytes].map((byte) => byte.toString(16)).join(" "),
    [...bytes].join(", "),
    [...bytes].join(","),
  ];
  return [...new Set(forms)].map((form) => form.toLowerCase());
}

/** Everything that a log could show of a value, down to what is hidden. */
export function textOf(value: unknown): string {
  const all = { showHidden: true, depth: Infinity, maxArrayLength: null, maxStringLength: null };
  const whole = { ...all, compact: true, breakLength: Infinity };
  const texts = [
    inspect(value, { ...whole, getters: true }),
    inspect(value, { ...whole, showProxy: true, customInspect: false }),
    JSON.stringify(value) ?? "",
  ];
  if (value instanceof Error) {
    texts.push(String(value), value.name, value.message, value.stack ?? "", textOf(value.cause));
  }
  return texts.join("\n");
}
