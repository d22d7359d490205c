// Copies the files that nft finds to an empty folder, as serverless packagers do, and runs the program there.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { nodeFileTrace } from "@vercel/nft";

const workspace = join(import.meta.dirname, "../..");
const project = join("projects", basename(import.meta.dirname));
const { fileList } = await nodeFileTrace([join(import.meta.dirname, "main.js")], { base: workspace });
const folder = mkdtempSync(join(tmpdir(), "traced-"));
try {
  for (const file of fileList) cpSync(join(workspace, file), join(folder, file));
  for (const flags of [[], ["--no-experimental-require-module"]]) {
    const output = execFileSync(process.execPath, [...flags, join(folder, project, "main.js")], { encoding: "utf8" });
    if (output !== "42 chats\n") throw new Error(`the program printed ${JSON.stringify(output)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
