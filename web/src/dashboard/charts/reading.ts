// Which step of a chart is being read: the one below the pointer, or the one that the arrow keys chose.
import { useCallback, useState } from "preact/hooks";

export interface Reading {
  /** Index of the step, or null while nobody reads. */
  readonly at: number | null;
  readonly handlers: {
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerLeave: (event: PointerEvent) => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
    readonly onBlur: () => void;
  };
}

/** Where a key leads from a step; null for keys that mean nothing here. */
export function stepTo(key: string, at: number | null, length: number): number | null {
  const last = length - 1;
  const page = Math.max(1, Math.round(length / 10));
  const from = at ?? last;
  const to = {
    ArrowLeft: at === null ? last : from - 1, ArrowDown: at === null ? last : from - 1,
    ArrowRight: from + 1, ArrowUp: from + 1,
    PageDown: from - page, PageUp: from + page, Home: 0, End: last,
  }[key];
  return to === undefined ? null : Math.min(last, Math.max(0, to));
}

export function useReading(length: number): Reading {
  const [at, setAt] = useState<number | null>(null);
  const underPointer = useCallback((event: PointerEvent) => {
    if (!(event.currentTarget instanceof Element)) return;
    const { left, width } = event.currentTarget.getBoundingClientRect();
    if (width > 0) setAt(Math.min(length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * length))));
  }, [length]);
  const onKeyDown = useCallback((event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") return setAt(null);
    const next = stepTo(event.key, at, length);
    if (next === null) return;
    event.preventDefault();
    setAt(next);
  }, [at, length]);
  return {
    at: at === null || length === 0 ? null : Math.min(at, length - 1),
    handlers: {
      onPointerMove: underPointer,
      onPointerDown: underPointer,
      // A finger leaves at once: what it tapped stays until something else is tapped.
      onPointerLeave: (event) => { if (event.pointerType !== "touch") setAt(null); },
      onKeyDown,
      onBlur: () => setAt(null),
    },
  };
}
