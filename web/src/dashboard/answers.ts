// What the two reads of the public API answer: the part that the page uses (docs/http-api.md has all of it).

export interface Reason {
  readonly code: string;
  readonly [figure: string]: unknown;
}

export interface Meta {
  /** Epoch milliseconds of the newest event in the answer. */
  readonly fresh_to: number | null;
  readonly complete: boolean;
  readonly exact: boolean;
  readonly warnings: readonly string[];
  /** As long as `warnings` and in the same order. */
  readonly reasons?: readonly Reason[];
}

export interface Counted {
  readonly name: string;
  readonly count: number;
}

export interface Minute {
  readonly t: number;
  readonly pageviews: number;
  readonly events: number;
  readonly visitors: number;
  readonly partial: boolean;
}

export interface RecentEvent {
  readonly epoch_ms: number;
  readonly event_type: string;
  readonly site: string;
  readonly page_url: string;
  readonly referrer: string | null;
  readonly country: string | null;
  readonly device: string | null;
  readonly session: string;
}

export interface Realtime {
  readonly now: number;
  readonly active_visitors: number;
  readonly active_sessions: number;
  readonly visitors_30m: number;
  readonly pageviews_30m: number;
  readonly series: readonly Minute[];
  readonly recent: readonly RecentEvent[];
  readonly meta: Meta;
}

export interface Totals {
  readonly pageviews: number;
  readonly visitors: number;
  readonly sessions: number;
  readonly events: number;
  readonly bounce_rate: number | null;
  readonly avg_duration_s: number | null;
  readonly views_per_session: number | null;
  readonly engaged_s: number | null;
}

export type Total = keyof Totals;

/** One step of the series; `t` is where it begins. */
export interface Step {
  readonly t: number;
  readonly pageviews: number;
  readonly visitors: number;
  readonly sessions: number;
  readonly events: number;
  readonly bounce_rate: number | null;
  readonly partial: boolean;
}

export interface StatsQuery {
  readonly timezone: string;
  readonly from: string;
  readonly to: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly step: "minute" | "hour" | "day";
  readonly known_sites?: readonly string[];
}

export interface Comparison {
  readonly from: string;
  readonly to: string;
  readonly totals: Totals;
  /** Share by which a total grew: 0.25 is a quarter more; null where there is nothing to compare with. */
  readonly change: { readonly [total in Total]?: number | null };
  readonly series?: readonly Step[];
}

export interface Stats {
  readonly query: StatsQuery;
  readonly totals: Totals;
  readonly comparison?: Comparison;
  readonly series: readonly Step[];
  readonly top: { readonly [list: string]: readonly Counted[] | undefined };
  readonly meta: Meta;
}
