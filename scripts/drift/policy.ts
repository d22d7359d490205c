/** What a difference means to the users of this library. */
export type Direction = "request" | "response";

export type Value = string | number | boolean;

export type Fact = Value | readonly string[];

export type Class = "breaking" | "addition" | "documentation";

/** What the published document does, compared with ours. */
export type Effect = keyof typeof classes;

/**
 * The table. Users write requests and read responses, so the same change weighs differently in the two: a request
 * breaks when what was allowed is allowed no longer, a response when what was promised is promised no longer.
 */
const classes = {
  /** A new thing that nobody has to use. */
  appears: { request: "addition", response: "addition" },
  /** A new thing that a request must have. In a response it is one more promise. */
  demanded: { request: "breaking", response: "addition" },
  disappears: { request: "breaking", response: "breaking" },
  /** Fewer values are valid: a lower maximum, a field that must be there. */
  narrower: { request: "breaking", response: "addition" },
  /** More values are valid: a higher maximum, null, a field that may be missing. */
  wider: { request: "addition", response: "breaking" },
  /** More of what users are told to expect more of, and to have a default for: enum values and unknown fields. */
  opens: { request: "addition", response: "addition" },
  /** Fewer of these. A request may be using the one that has gone; in a response it merely never comes. */
  closes: { request: "breaking", response: "documentation" },
  /** Neither more nor fewer: another type, format, pattern, path. */
  different: { request: "breaking", response: "breaking" },
  /** Another default: a request that leaves the thing out now asks for something else. */
  defaults: { request: "breaking", response: "documentation" },
  /** Nothing works differently for now: a deprecation, an alias, a quota, which is read from the headers anyway. */
  told: { request: "documentation", response: "documentation" },
} as const satisfies Record<string, Record<Direction, Class>>;

export function classify(effect: Effect, direction: Direction): Class {
  return classes[effect][direction];
}

/** The effect of a part that only one side has. */
export function effectOfPart(noun: string, side: "theirs" | "ours", required: boolean): Effect {
  if (side === "theirs") {
    return required ? "demanded" : "appears";
  }
  // Users catch errors by what they have in common, not by a list of statuses.
  return noun === "error response" ? "told" : "disappears";
}

/** The effect of one value in a list, an enum say, that only one side has. */
export function effectOfElement(name: string, side: "theirs" | "ours"): Effect {
  switch (name) {
    case "enum value":
      return side === "theirs" ? "opens" : "closes";
    case "alternative":
      return side === "theirs" ? "wider" : "narrower";
    default:
      return side === "theirs" ? "appears" : "disappears";
  }
}

/** The effect of a fact that is another one, or that only one side states. */
export function effectOfFact(name: string, theirs: Fact | undefined, ours: Fact | undefined): Effect {
  switch (name) {
    case "deprecated":
    case "deprecation":
    case "name":
    case "operationId":
    case "quota":
      return "told";
    case "style":
    case "explode":
      return "different";
    case "default":
      return theirs === undefined || ours === undefined ? "told" : "defaults";
    case "additionalProperties":
      return theirs === true ? "opens" : "closes";
    case "nullable":
      return theirs === true ? "wider" : "narrower";
    case "required":
    case "uniqueItems":
      return theirs === true ? "narrower" : "wider";
  }
  if (theirs === undefined || ours === undefined) {
    return theirs === undefined ? "wider" : "narrower";
  }
  if (isBound(name)) {
    return isStricter(name, theirs, ours) ? "narrower" : "wider";
  }
  return "different";
}

export function isBound(name: string): boolean {
  return /^(min|max)/.test(name);
}

/** Whether the first value of `minimum`, `maxLength` and their like leaves fewer values than the second. */
export function isStricter(name: string, first: Fact, second: Fact): boolean {
  const one = Number(String(first).replace("beyond ", ""));
  const other = Number(String(second).replace("beyond ", ""));
  if (one === other) {
    return typeof first === "string";
  }
  return name.startsWith("min") ? one > other : one < other;
}
