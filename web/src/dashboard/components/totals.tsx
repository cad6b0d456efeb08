// The period in eight figures. Those that have a course over time choose what the chart shows.
import type { Comparison, Stats, Total } from "../answers";
import { useLanguage } from "../i18n/language";
import type { Format } from "../format";
import { METRICS, type Metric } from "../view";

const TOTALS: readonly Total[] = [
  "pageviews", "visitors", "sessions", "events", "bounce_rate", "avg_duration_s", "views_per_session", "engaged_s",
];

const MOST_CHARACTERS = 7; // in large type; "11시간 10분" has eight

/** More is not better. */
const BETTER_WHEN_LESS: readonly Total[] = ["bounce_rate"];

interface TotalsProps {
  readonly stats: Stats | null;
  readonly metric: Metric;
  readonly onMetric: (metric: Metric) => void;
}

export function Totals({ stats, metric, onMetric }: TotalsProps) {
  const { t } = useLanguage();
  return (
    <ul id="totals" class={`totals${stats ? "" : " is-loading"}`} aria-label={t("totals")}>
      {TOTALS.map((name) => (
        <li key={name} data-total={name}>
          <TotalBox name={name} stats={stats} metric={metric} onMetric={onMetric} />
        </li>
      ))}
    </ul>
  );
}

function TotalBox({ name, stats, metric, onMetric }: TotalsProps & { readonly name: Total }) {
  const { t, format } = useLanguage();
  const figure = stats ? written(name, stats.totals[name], format) : undefined;
  const chosen = METRICS.find((known) => known === name);
  const content = (
    <>
      <span class="total-name">{t(`metric_${name}`)}</span>
      <span class={`total-figure${(figure?.length ?? 0) > MOST_CHARACTERS ? " is-long" : ""}`} title={figure}>{figure ?? "\u00a0"}</span>
      {stats?.comparison && <Change name={name} comparison={stats.comparison} />}
    </>
  );
  if (!chosen) return <div class="total">{content}</div>;
  return (
    <button type="button" class="total" aria-pressed={metric === chosen} onClick={() => onMetric(chosen)}>{content}</button>
  );
}

function Change({ name, comparison }: { readonly name: Total; readonly comparison: Comparison }) {
  const { t, format } = useLanguage();
  const change = comparison.change[name] ?? null;
  const before = t("change_before", { figure: written(name, comparison.totals[name], format) });
  if (change === null) return <span class="change">{before}</span>;
  const shown = Math.round(change * 100); // as it is written: an arrow before 0 % would be one too many
  const isUp = shown > 0;
  const verdict = shown === 0 ? "is-same" : isUp === BETTER_WHEN_LESS.includes(name) ? "is-worse" : "is-better";
  return (
    <span class={`change ${verdict}`}>
      <span aria-hidden="true">{shown === 0 ? "=" : isUp ? "▲" : "▼"} </span>
      <span class="change-share">{format.change(change)}</span> <span class="change-before">{before}</span>
    </span>
  );
}

export function written(name: Total, value: number | null, format: Format): string {
  if (name === "bounce_rate") return format.percent(value);
  if (name === "avg_duration_s" || name === "engaged_s") return format.duration(value);
  return name === "views_per_session" ? format.decimal(value) : format.shortCount(value);
}
