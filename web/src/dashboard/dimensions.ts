// What visits can be told apart by: the name of each as a filter, and of the list of the answer that shows its values.

export const FILTERS = [
  "page", "entry_page", "exit_page", "source", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
  "country", "device", "browser", "os", "event_type",
] as const;

export type Filter = (typeof FILTERS)[number];

export type Filters = { readonly [filter in Filter]?: string };

/** The live sessions carry these facts only; the API refuses the other filters on live figures. */
const LIVE_FILTERS: readonly Filter[] = ["source", "country", "device"];

export const LIST_OF: { readonly [filter in Filter]: string } = {
  page: "pages",
  entry_page: "entry_pages",
  exit_page: "exit_pages",
  source: "sources",
  referrer: "referrers",
  utm_source: "utm_source",
  utm_medium: "utm_medium",
  utm_campaign: "utm_campaign",
  utm_term: "utm_term",
  utm_content: "utm_content",
  country: "countries",
  device: "devices",
  browser: "browsers",
  os: "os",
  event_type: "event_types",
};

/** The cards with lists; those with more than one have a tab for each. */
export const CARDS = [
  ["page", "entry_page", "exit_page"],
  ["source", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"],
  ["country"],
  ["device", "browser", "os"],
  ["event_type"],
] as const satisfies readonly (readonly Filter[])[];

/** The filters that live figures can follow too. */
export function liveFilters(filters: Filters): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([name]) => LIVE_FILTERS.some((live) => live === name)));
}

export const hasOtherThanLive = (filters: Filters): boolean =>
  Object.keys(filters).length > Object.keys(liveFilters(filters)).length;

/** What a row of the list is counted in. */
export function unitOf(filter: Filter): "views" | "visits" | "times" {
  if (filter === "page") return "views";
  return filter === "event_type" ? "times" : "visits";
}
