// Which of its states the page is in: decided here, drawn by the components.
import type { Realtime, Stats } from "./answers";
import type { Reading } from "./reading";
import type { View } from "./view";

export type Situation = "loading" | "error" | "empty" | "figures";

export function situationOf(view: View, site: string | null, live: Reading<Realtime>, stats: Reading<Stats>): Situation {
  const hasProblem = (live.problem ?? stats.problem) !== null;
  if (!live.answer && !stats.answer) return hasProblem ? "error" : "loading";
  if (!live.answer || !stats.answer || live.isOld || stats.isOld) return "figures";
  return neverVisited(view, site, live.answer, stats.answer) ? "empty" : "figures";
}

/** No event in sight, and the site is not known from earlier: there is nothing yet that a filter or range could hide. */
function neverVisited(view: View, site: string | null, live: Realtime, stats: Stats): boolean {
  if (stats.totals.events > 0 || live.recent.length > 0 || live.active_visitors > 0) return false;
  if (Object.keys(view.filters).length > 0) return false;
  const known = stats.query.known_sites ?? [];
  return site === null ? known.length === 0 : !known.includes(site);
}

export const hasNothing = (stats: Stats): boolean => stats.totals.events === 0;
