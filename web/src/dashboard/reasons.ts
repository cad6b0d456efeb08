// Why figures are estimated or cut, in the reader's language; in the API's English where a code is not known here.
import type { Meta, Reason } from "./answers";
import type { Speech } from "./i18n/language";

/** Moments are told in the time zone. */
export function reasonsOf(meta: Meta, speech: Speech, zone: string): string[] {
  return meta.warnings.map((warning, at) => {
    const reason = meta.reasons?.[at];
    return (reason && translated(reason, speech, zone)) ?? sentence(warning);
  });
}

function translated(reason: Reason, { t, format, locale }: Speech, zone: string): string | undefined {
  const number = (name: string) => (typeof reason[name] === "number" ? reason[name] : null);
  const read = format.count(number("read") ?? number("events") ?? number("entries"));
  const since = { from: number("from_ms") === null ? t("chart_none") : format.moment(number("from_ms") ?? 0, "hour", zone), read };
  const error = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(number("error") ?? 0);
  switch (reason.code) {
    case "minute_visitors_estimated": return t("reason_minute_visitors_estimated", { error });
    case "visitors_estimated": return t("reason_visitors_estimated", { error });
    case "more_sessions": return t("reason_more_sessions");
    case "more_sites": return t("reason_more_sites", { read });
    case "feed_cut": return t("reason_feed_cut", { read });
    case "series_unfiltered": return t("reason_series_unfiltered");
    case "days_summed": return t("reason_days_summed");
    case "sites_summed": return t("reason_sites_summed");
    case "range_widened": return t("reason_range_widened");
    case "list_cut": return t("reason_list_cut");
    case "comparison_out_of_reach": return t("reason_comparison_out_of_reach");
    case "filter_cut": return t("reason_filter_cut", since);
    case "lists_cut": return t("reason_lists_cut", since);
    case "filter_log_cut": return t("reason_filter_log_cut", since);
    case "filter_log_begins": return t("reason_filter_log_begins", since);
    case "filter_log_gaps": return t("reason_filter_log_gaps", { count: number("hours") ?? 0 });
    case "filter_untold": return t("reason_filter_untold", { count: number("visits") ?? 0 });
    case "event_types_cut": return t("reason_event_types_cut", { read });
    default: return undefined;
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
