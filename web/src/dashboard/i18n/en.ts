// Every text of the page, in English. ko.ts has the same keys, or the types do not hold.
import type { Message } from "./messages";

export const en = {
  // Units: of durations and ages
  seconds: "{s}s",
  minutes: "{m}m",
  hours: "{h}h",
  minutes_seconds: "{m}m {ss}s",
  hours_minutes: "{h}h {mm}m",
  days_hours: "{d}d {hh}h",
  seconds_ago: "{n} s ago",
  minutes_ago: "{n} min ago",
  hours_ago: "{n} h ago",
  days_ago: "{n} d ago",

  // Names that the API writes in parentheses
  name_direct: "Direct / none",
  name_unknown: "Unknown",
  name_other: "Other",

  // What is counted
  count_pageviews: { one: "{count} page view", other: "{count} page views" },
  count_visitors: { one: "{count} visitor", other: "{count} visitors" },
  count_sessions: { one: "{count} visit", other: "{count} visits" },
  count_events: { one: "{count} event", other: "{count} events" },
  metric_pageviews: "Page views",
  metric_visitors: "Visitors",
  metric_sessions: "Visits",
  metric_events: "Events",
  metric_bounce_rate: "Bounce rate",
  metric_avg_duration_s: "Visit duration",
  metric_views_per_session: "Views per visit",

  // Charts
  chart_so_far: "so far",
  chart_none: "no figure",
  chart_now: "now",
  chart_before: "before: {value}",
  chart_keys: "Arrow keys read the figures one by one.",
  chart_live_summary: "Last 30 minutes, page views a minute: {total} in all; most at {time}, {most}.",
  chart_live_silent: "Last 30 minutes: no page view.",
  chart_summary: "{label}, {from} to {to}. Highest: {most}, {time}. Lowest: {least}.",
  chart_summary_silent: "{label}, {from} to {to}: nothing was counted.",
} as const satisfies Record<string, Message>;
