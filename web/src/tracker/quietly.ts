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

/** Hear of an event at the window; early: before the page's own listeners, which may stop it. */
export const hear = (type: string, listener: (event: Event) => void, isEarly = false): void =>
  addEventListener(type, quietly(listener), { capture: isEarly, passive: true });
