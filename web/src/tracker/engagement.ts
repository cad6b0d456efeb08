// How long a page had somebody's attention (visible and focused), and how far down it was seen.
import { isSilent, record } from "./event";
import { hear } from "./quietly";

/** So long attention lasts without a sign of life, and so much of it is reported at a time: sessions end after 30 min. */
const LONGEST_MS = 3e5;
const LEAST_MS = 1e3;

let engagedMs = 0;
let since = 0;
let depth = 0;
let vitals: Record<string, number> | undefined;

/** Report what has come together; while the page stays, only if that is much. A look alone begins no visit. */
export const ping = (isLeft: boolean): void => {
  const now = Date.now();
  if (since) {
    // Not when attention begins: the page may have nothing in it yet.
    engagedMs += Math.min(now - since, LONGEST_MS);
    depth = Math.max(depth, (100 * (scrollY + innerHeight)) / document.documentElement.scrollHeight);
  }
  since = !document.hidden && document.hasFocus() ? now : 0;
  if (engagedMs < (!isLeft ? LONGEST_MS : vitals ? 0 : LEAST_MS)) return;
  if (!isSilent()) record("engagement", { engaged_ms: engagedMs, scroll_depth: ~~Math.min(depth, 100), vitals });
  engagedMs = 0;
  vitals = undefined;
};

/** The page that was shown gives way to another. */
export const leavePage = (): void => {
  ping(true);
  engagedMs = depth = 0;
};

/** A web vital of the page, for the next report. */
export const noteVital = (name: string, value: number): void => {
  (vitals ??= {})[name] = value;
};

export const watchEngagement = (): void => {
  ping(false);
  hear(() => ping(false), "focus", "blur", "scroll", "keydown", "pointerdown");
};
