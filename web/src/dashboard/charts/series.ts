// What a chart draws: the parts of the API's series that it reads.
import type { Format } from "../format";
import type { Translate } from "../i18n/translate";

/** A figure of a series, as the API names it. */
export type Metric = "pageviews" | "visitors" | "sessions" | "events" | "bounce_rate" | "avg_duration_s" | "views_per_session";

/** One step of a series; `t` is where it begins, and the last one may still be going on. */
export interface Point {
  readonly t: number;
  readonly partial?: boolean;
  readonly pageviews?: number;
  readonly visitors?: number;
  readonly sessions?: number;
  readonly events?: number;
  readonly bounce_rate?: number | null;
  readonly avg_duration_s?: number | null;
  readonly views_per_session?: number | null;
}

/** How a metric is measured: this decides its scale and how it is written. */
export type Measure = "count" | "share" | "seconds" | "decimal";

const MEASURES: Readonly<Partial<Record<Metric, Measure>>> = {
  bounce_rate: "share", avg_duration_s: "seconds", views_per_session: "decimal",
};

export const measureOf = (metric: Metric): Measure => MEASURES[metric] ?? "count";

export const valuesOf = (series: readonly Point[], metric: Metric): (number | null)[] =>
  series.map((point) => point[metric] ?? null);

/** A value in full, for tooltips: nothing is rounded that was counted. */
export function exactly(value: number | null, measure: Measure, format: Format): string {
  switch (measure) {
    case "count": return format.count(value);
    case "share": return format.precisePercent(value);
    case "seconds": return format.duration(value);
    case "decimal": return format.decimal(value);
  }
}

const COUNTED = {
  pageviews: "count_pageviews", visitors: "count_visitors", sessions: "count_sessions", events: "count_events",
} as const;

/** A value with what it is: "312 page views", "Bounce rate 41.7%". */
export function inWords(value: number | null, metric: Metric, format: Format, t: Translate): string {
  if (value === null) return t("chart_none");
  const counted = metric in COUNTED ? COUNTED[metric as keyof typeof COUNTED] : null;
  return counted ? t(counted, { count: value }) : `${t(`metric_${metric}`)} ${exactly(value, measureOf(metric), format)}`;
}
