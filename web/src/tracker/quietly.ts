/** The function, but nothing that goes wrong in it is ever the page's trouble. */
export const quietly =
  <Given extends unknown[]>(work: (...given: Given) => void) =>
  (...given: Given): void => {
    try {
      work(...given);
    } catch {
      // The page goes on as if there were no tracker.
    }
  };

/** Hear of events at the window before the page does, which may stop them; of `visibilitychange` after web-vitals. */
export const hear = (listener: (event: Event) => void, ...types: string[]): void =>
  types.forEach((type) => addEventListener(type, quietly(listener), type[0] != "v"));
