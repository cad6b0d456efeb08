// A clock for what changes with time alone: ages and countdowns.
import { useEffect, useState } from "preact/hooks";

/** performance.now(), anew every second while someone looks and `isNeeded`. */
export function useSeconds(isNeeded = true): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!isNeeded) return;
    const timer = setInterval(() => document.hidden || setNow(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, [isNeeded]);
  return Math.max(now, performance.now()); // drawn for another reason since: never behind that
}
