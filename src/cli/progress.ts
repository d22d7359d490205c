/** Number of chats between two progress lines in a file or a pipe, where lines cannot be replaced. */
const chatsPerLine = 1000;

/** Stream for progress messages: `process.stderr`. */
interface Target {
  isTTY?: boolean;
  columns?: number;
  write: (text: string) => unknown;
}

/** Shows progress: on a terminal in a single line that is replaced, elsewhere in a line every 1000 chats. */
export interface Progress {
  update: (listed: number) => void;
  /** Shows a message on a terminal until the next output. */
  showTransient: (text: string) => void;
  /** Removes the message. Call it before any other output to the same terminal. */
  clear: () => void;
}

export function createProgress(target: Target): Progress {
  let isShown = false;
  let reported = 0;

  function clear(): void {
    if (isShown) {
      target.write("\r\x1b[K");
      isShown = false;
    }
  }

  function showTransient(text: string): void {
    if (target.isTTY === true) {
      clear();
      // A line that wraps could not be cleared. Some terminals report 0 columns.
      target.write(text.slice(0, (target.columns || 80) - 1));
      isShown = true;
    }
  }

  return {
    update(listed) {
      const text = `${listed} chats so far`;
      showTransient(text);
      if (target.isTTY !== true && listed - reported >= chatsPerLine) {
        target.write(`${text}\n`);
        reported = listed;
      }
    },
    showTransient,
    clear,
  };
}
