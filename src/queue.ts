/** Items in order of arrival. */
export interface Queue<Item> {
  readonly first: Item | undefined;
  /** An item that returns goes before those that have arrived later. */
  add(item: Item): void;
  removeFirst(): void;
  removeWhere(isRemoved: (item: Item) => boolean): void;
}

export function createQueue<Item extends { readonly arrival: number }>(): Queue<Item> {
  let items: Item[] = [];
  /** The items before it have left the queue: `shift` would copy a long array every time. */
  let start = 0;

  return {
    get first() {
      return items[start];
    },

    add(item) {
      const index = items.findLastIndex(({ arrival }) => arrival < item.arrival) + 1;
      items.splice(Math.max(start, index), 0, item);
    },

    removeFirst() {
      start += 1;
      if (start <= items.length / 2) return;
      items.splice(0, start);
      start = 0;
    },

    removeWhere(isRemoved) {
      items = items.slice(start).filter((item) => !isRemoved(item));
      start = 0;
    },
  };
}
