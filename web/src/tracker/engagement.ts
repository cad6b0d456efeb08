// How long a page had somebody's attention (visible and focused), and how far down it was seen.
import { hear } from "./quietly";
import { record } from "./views";

const PING_MS = 3e5; // well within the half hour after which a session would end
const LEAST_MS = 1e3;

let engagedMs = 0;
let since = 0;
let isTouched = true; // whether there was a sign of life since the last ping
let depth = 0;
let vitals: Record<string, number> = {};

const measure = (): void => {
  const now = Date.now();
  if (since) engagedMs += Math.min(Math.max(now - since, 0), PING_MS); // a laptop may have slept
  since = isTouched && document.visibilityState == "visible" && document.hasFocus() ? now : 0;
};

export const measureDepth = (): void => {
  const { scrollHeight } = document.documentElement;
  depth = Math.max(depth, Math.min(100, Math.round((100 * (scrollY + innerHeight)) / scrollHeight) || 0));
};

/** Report what has come together. */
export const ping = (): void => {
  measure();
  const hasVitals = !!Object.keys(vitals)[0];
  if (engagedMs < LEAST_MS && !hasVitals) return;
  record("engagement", undefined, { engaged_ms: Math.round(engagedMs), scroll_depth: depth, vitals: hasVitals ? vitals : undefined });
  engagedMs = 0;
  vitals = {};
};

/** The page that was shown gives way to another. */
export const leavePage = (): void => {
  ping();
  engagedMs = depth = 0;
};

/** A web vital of the page, for the next report. */
export const noteVital = (name: string, value: number): void => {
  vitals[name] = value;
};

export const watchEngagement = (): void => {
  measure();
  for (const type of ["focus", "blur", "visibilitychange"]) hear(type, measure);
  for (const type of ["scroll", "keydown", "pointerdown", "pointermove"])
    hear(type, () => {
      isTouched = true;
      if (!since) measure();
      if (type == "scroll") measureDepth();
    }, true);
  setInterval(() => {
    ping();
    isTouched = false;
  }, PING_MS);
};
