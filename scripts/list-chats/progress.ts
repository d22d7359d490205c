/** How often a progress line is written where it stays: to a file or a pipe. */
const chatsPerLine = 1000;

/** Where progress is written: `process.stderr`. */
interface Target {
  isTTY?: boolean;
  columns?: number;
  write: (text: string) => unknown;
}

/** Tells what goes on: on a terminal in one line that comes and goes, elsewhere in a lasting line now and then. */
export interface Progress {
  update: (listed: number) => void;
  /** Only worth a line that goes away again. */
  mention: (text: string) => void;
  /** To be called before anything else is written to the same terminal. */
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

  function mention(text: string): void {
    if (target.isTTY === true) {
      clear();
      // A line that wraps could not be cleared. Some terminals say that they have 0 columns.
      target.write(text.slice(0, (target.columns || 80) - 1));
      isShown = true;
    }
  }

  return {
    update(listed) {
      const text = `${listed} chats so far`;
      mention(text);
      if (target.isTTY !== true && listed - reported >= chatsPerLine) {
        target.write(`${text}\n`);
        reported = listed;
      }
    },
    mention,
    clear,
  };
}
