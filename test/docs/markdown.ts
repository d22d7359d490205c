import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The text of every Markdown file of the repository, by its path. */
export const documents = new Map(
  ["", "docs", ".github", ".github/ISSUE_TEMPLATE"].flatMap((folder) =>
    list(folder).map((file): [string, string] => [join(folder, file), readFileSync(join(root, folder, file), "utf8")]),
  ),
);

function list(folder: string): string[] {
  try {
    return readdirSync(join(root, folder)).filter((file) => file.endsWith(".md"));
  } catch {
    return [];
  }
}

export function read(path: string): string {
  return documents.get(path) ?? "";
}

/** Every block of TypeScript or JavaScript, with the name from the comment above it, or an empty name. */
export function readExamples(markdown: string) {
  const blocks = markdown.matchAll(/(?:<!-- example: (?<name>[\w-]+) -->\n\n)?```(?:ts|js)\n(?<code>.*?)```/gs);
  return [...blocks].map(({ groups }) => ({ name: groups?.["name"] ?? "", code: groups?.["code"] ?? "" }));
}

/** The cells of every table whose header begins with a title, without the header. */
export function readTables(markdown: string, title: string): string[][][] {
  return [...markdown.matchAll(/(?:^\|.*\n)+/gm)].flatMap(([table]) => {
    const [header, , ...rows] = table
      .trim()
      .split("\n")
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    return header?.[0] === title ? [rows] : [];
  });
}

/** The parts of a cell that are formatted as code. */
export function readCode(cell = ""): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** The targets of all links and images. */
export function readLinks(markdown: string): string[] {
  const text = markdown.replaceAll(/^```.*?^```/gms, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)].map(([, link, url]) => link ?? url ?? "");
}

/** The anchors of the headings, as GitHub creates them. */
export function readAnchors(markdown: string): string[] {
  const headings = [...markdown.replaceAll(/^```.*?^```/gms, "").matchAll(/^#+ (.+)$/gm)];
  const slugs = headings.map(([, heading = ""]) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
  return slugs.map((slug, index) => {
    const earlier = slugs.slice(0, index).filter((other) => other === slug).length;
    return earlier === 0 ? slug : `${slug}-${earlier}`;
  });
}
