import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The paths of all Markdown files of the repository. */
export const documents = ["", "docs/", ".github/", ".github/ISSUE_TEMPLATE/"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((file) => folder + file))
  .filter((path) => path.endsWith(".md"));

/** Every block of a language, with the name from the comment above it, or an empty name. */
export function readExamples(path: string, language = /^([cm]?[jt]sx?|\w+script)$/) {
  const blocks = read(path).matchAll(/(?:<!-- example: ([\w-]+) -->\n\n)?```(\w+)\n(.*?)```/gs);
  return [...blocks].flatMap(([, name = "", block = "", code = ""]) => (language.test(block) ? [{ name, code }] : []));
}

/** The parts of a cell that are formatted as code. */
export const readCode = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

/** The rows of the tables whose first column has this title. */
export function readTables(path: string, title: string): string[][][] {
  const tables = [...read(path).matchAll(/(?:^\|.*\n)+/gm)].map(([table]) => table.trim().split("\n"));
  const cells = tables.map((rows) => rows.map((row) => row.split("|").slice(1, -1)));
  return cells.filter(([header]) => header?.[0]?.trim() === title).map((rows) => rows.slice(2));
}

const readProse = (path: string): string => read(path).replaceAll(/^```.*?^```/gms, "");

/** The targets of all links and images in the repository. */
export function readLinks(path: string): string[] {
  const links = readProse(path).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g);
  return [...links].map(([, link, url = ""]) => link ?? url).filter((target) => !/^(https?|mailto):/.test(target));
}

/** The anchors of the headings, as GitHub creates them. */
export function readAnchors(path: string): string[] {
  const headings = [...readProse(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading.toLowerCase());
  return headings.map((heading) => heading.replaceAll(/[^\p{L}\p{N}_\- ]/gu, "").replaceAll(" ", "-"));
}

/** The properties of an interface, with their `@default`. */
export function readInterface(path: string, name: string) {
  const { statements } = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
  const declaration = statements.filter(ts.isInterfaceDeclaration).find((each) => each.name.text === name);
  return [...(declaration?.members ?? [])].filter(ts.isPropertySignature).map((member) => {
    const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
    return { name: member.name.getText(), initial: String(tag?.comment) };
  });
}
