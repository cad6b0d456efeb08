// What someone looks at, as the address says it: `?site=&range=&compare=&metric=&page=...`. The names are the API's.
// Defaults are left out, and what is not understood counts as not said: an old link still opens.
import { FILTERS, type Filter, type Filters } from "./dimensions";

export const RANGES = ["30m", "24h", "today", "yesterday", "7d", "30d"] as const;
export type NamedRange = (typeof RANGES)[number];

/** Two days of the calendar, both included: "2026-11-01". */
export interface Days {
  readonly from: string;
  readonly to: string;
}

export const METRICS = ["pageviews", "visitors", "sessions", "events", "bounce_rate"] as const;
export type Metric = (typeof METRICS)[number];

export interface View {
  /** null: as the settings say, or all sites. */
  readonly site: string | null;
  readonly range: NamedRange | Days;
  readonly isCompared: boolean;
  readonly metric: Metric;
  readonly filters: Filters;
  /** null: as the browser says. */
  readonly lang: string | null;
}

export const DEFAULTS: View = { site: null, range: "24h", isCompared: false, metric: "pageviews", filters: {}, lang: null };

const LONGEST_VALUE = 512; // the API takes no longer one

export function parseView(search: string): View {
  const asked = new URLSearchParams(search);
  const metric = asked.get("metric");
  return {
    site: siteNamed(asked.get("site") ?? ""),
    range: parseRange(asked),
    isCompared: asked.get("compare") === "previous",
    metric: METRICS.find((known) => known === metric) ?? DEFAULTS.metric,
    filters: parseFilters(asked),
    lang: asked.get("lang") || null,
  };
}

/** As the API reads it: the same site has one name. */
const siteNamed = (site: string): string | null => site.trim().toLowerCase().replace(/^www\./, "") || null;

function parseRange(asked: URLSearchParams): View["range"] {
  const days = { from: asked.get("from") ?? "", to: asked.get("to") ?? "" };
  if (areDays(days)) return days;
  const range = asked.get("range");
  return RANGES.find((known) => known === range) ?? DEFAULTS.range;
}

function parseFilters(asked: URLSearchParams): Filters {
  const filters: { [filter in Filter]?: string } = {};
  for (const name of FILTERS) {
    const value = asked.get(name);
    if (value && value.length <= LONGEST_VALUE) filters[name] = value;
  }
  return filters;
}

/** The query part of the address, with its `?`; empty for the view that the page opens with. */
export function printView(view: View): string {
  const said = new URLSearchParams();
  if (view.site !== null) said.set("site", view.site);
  if (typeof view.range !== "string") {
    said.set("from", view.range.from);
    said.set("to", view.range.to);
  } else if (view.range !== DEFAULTS.range) said.set("range", view.range);
  if (view.isCompared) said.set("compare", "previous");
  if (view.metric !== DEFAULTS.metric) said.set("metric", view.metric);
  for (const name of FILTERS) {
    const value = view.filters[name];
    if (value !== undefined) said.set(name, value);
  }
  if (view.lang !== null) said.set("lang", view.lang);
  const text = said.toString();
  return text && `?${text}`;
}

/** The view with a filter put on; the same value again takes it off. */
export function toggleFilter(view: View, filter: Filter, value: string): View {
  return view.filters[filter] === value ? withoutFilter(view, filter) : { ...view, filters: { ...view.filters, [filter]: value } };
}

export function withoutFilter(view: View, filter: Filter): View {
  const { [filter]: _, ...filters } = view.filters;
  return { ...view, filters };
}

/** Two days that exist, the first not after the second. */
export function areDays({ from, to }: Days): boolean {
  return isDay(from) && isDay(to) && from <= to;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text); // 30 February is not moved to March
}

/** As the API takes it. Days are read in the time zone that is sent along; its ranges end before their second moment. */
export function rangeParameter(range: View["range"]): string {
  return typeof range === "string" ? range : `${range.from},${dayAfter(range.to)}`;
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** What of the view the statistics depend on: two views with the same question have the same answer. */
export function question(view: View): string {
  return printView({ ...view, metric: DEFAULTS.metric, lang: null });
}

/** Nothing new comes into it any more (the page may be open over midnight: days are compared anew at each read). */
export function isOver(range: View["range"], today: string): boolean {
  return range === "yesterday" || (typeof range !== "string" && range.to < today);
}
