/** Keeps count of the requests in flight, and of the places that there are for them. */
export interface Gate {
  /** The most requests that were in flight at once, refused ones included. */
  readonly peak: number;
  enter(): Visitor;
}

/** A request in flight. */
export interface Visitor {
  /** Whether it got a place. A refused request takes none from the others. */
  readonly isAdmitted: boolean;
  /** Ends its flight. Only the first call counts. */
  leave(): void;
}

export function createGate(places: number): Gate {
  let inFlight = 0;
  let taken = 0;
  let peak = 0;
  return {
    get peak() {
      return peak;
    },
    enter() {
      const isAdmitted = taken < places;
      let isHere = true;
      inFlight += 1;
      taken += Number(isAdmitted);
      peak = Math.max(peak, inFlight);
      return {
        isAdmitted,
        leave() {
          inFlight -= Number(isHere);
          taken -= Number(isHere && isAdmitted);
          isHere = false;
        },
      };
    },
  };
}
