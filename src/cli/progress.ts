/** Number of chats between two progress lines in a file or a pipe, where lines cannot be replaced. */
const chatsPerLine = 1000;

/** Stream for progress messages: `process.stderr`. */
interface Target {
  isTTY?: boolean;
  columns?: number;
  write: (text: string) => unknown;
}

/** Shows progress: on a terminal in a single line that is replaced, elsewhere in a line every 1000 chats. */
export function createProgress(target: Target) {
  let isShown = false;
  let reported = 0;

  /** Removes the message. Call it before any other output to the same terminal. */
  const clear = () => {
    if (isShown) target.write("\r\x1b[K");
    isShown = false;
  };
  /** Shows a message on a terminal until the next output. */
  const showTransient = (text: string) => {
    if (!target.isTTY) return;
    clear();
    // A line that wraps could not be cleared. Some terminals report 0 columns.
    target.write(text.slice(0, (target.columns || 80) - 1));
    isShown = true;
  };
  const update = (listed: number) => {
    const text = `${listed} chats so far`;
    showTransient(text);
    if (target.isTTY || listed - reported < chatsPerLine) return;
    target.write(`${text}\n`);
    reported = listed;
  };
  return { clear, showTransient, update };
}
