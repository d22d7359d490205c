export function docComment(text = ""): string {
  const lines = text.trim().split("\n");
  return lines.length === 1
    ? `/** ${text.trim()} */\n`
    : `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
}

/** Moves the description of a comment from its tag to the start, since not all editors show the tag. */
export function readableComment(comment: string): string {
  const lines = comment.slice("/**".length, -"*/".length).split("\n");
  const description: string[] = [];
  const tags: string[] = [];
  let target = description;
  for (const line of lines.map((one) => one.replace(/^\s*\* ?( {4})?/, "").trim())) {
    // openapi-typescript writes the format of a schema as text. Only that of a date is useful.
    const isTag = /^(@deprecated|@example|@default|Format: date-time)/.test(line);
    if (isTag) target = tags;
    else if (line.startsWith("@description ")) target = description;
    else if (/^(@enum|Format: )/.test(line)) continue;
    target.push(line.replace(/^@description /, ""));
  }
  // Editors show the text of the tag where the field is used, so the tag names the replacement.
  const reason = description.findIndex((line) => line.startsWith("Deprecated: "));
  const tag = tags.findIndex((line) => line.startsWith("@deprecated"));
  if (reason !== -1 && tag !== -1) {
    tags[tag] = description.splice(reason, 1).join("").replace("Deprecated: ", "@deprecated ");
  }
  return docComment([...description, "", ...tags].join("\n").replace(/\n{3,}/g, "\n\n")).trimEnd();
}
