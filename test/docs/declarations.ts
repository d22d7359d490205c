import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./markdown.js";

/** The properties of an interface: whether they are optional, and their `@default`, in the order of declaration. */
export function readInterface(path: string, name: string) {
  const file = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);
  const declaration = file.statements.find((each) => ts.isInterfaceDeclaration(each) && each.name.text === name);
  if (declaration === undefined || !ts.isInterfaceDeclaration(declaration)) {
    throw new Error(`${path} has no interface ${name}`);
  }
  return declaration.members.filter(ts.isPropertySignature).map((member) => {
    const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
    return {
      name: member.name.getText(file),
      isOptional: member.questionToken !== undefined,
      default: ts.getTextOfJSDocComment(tag?.comment),
      type: member.type?.getText(file) ?? "",
    };
  });
}

/** The strings of a union type: `"ORDER" | "RETURN"`. */
export function readUnion(path: string, name: string): string[] {
  const text = readFileSync(join(root, path), "utf8");
  const [, union = ""] = new RegExp(`^export type ${name} =([^;]*);`, "m").exec(text) ?? [];
  return [...union.matchAll(/"([^"]*)"/g)].map(([, value = ""]) => value);
}
