/** For objects in which an absent value has no key. */
export function omitUndefined<T extends object>(object: T): { [Key in keyof T]?: Exclude<T[Key], undefined> };
export function omitUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
