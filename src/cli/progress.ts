/** Number of chats between two progress lines in a file or a pipe, where lines cannot be replaced. */
const chatsPerLine = 1000;

/** Shows progress on stderr: on a terminal in a line that is replaced, elsewhere in a line every 1000 chats. */
export function createProgress(
  target: Pick<NodeJS.WriteStream, "isTTY" | "columns"> & { write(text: string): unknown },
) {
  let isShown = false;
  let reported = 0;

  /** Removes the message. Call it before any other output to the same terminal. */
  function clear(): void {
    if (isShown) target.write("\r\x1b[K");
    isShown = false;
  }

  /** Shows a message on a terminal until the next output. */
  function showTransient(text: string): void {
    if (!target.isTTY) return;
    clear();
    // A line that wraps could not be cleared. Some terminals report 0 columns.
    target.write(text.slice(0, (target.columns || 80) - 1));
    isShown = true;
  }

  function update(listed: number): void {
    const text = `${listed} chats so far`;
    showTransient(text);
    if (target.isTTY || listed - reported < chatsPerLine) return;
    target.write(`${text}\n`);
    reported = listed;
  }

  return { clear, showTransient, update };
}
