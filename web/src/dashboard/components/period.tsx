// The chosen period: its totals and their course.
import { useState } from "preact/hooks";
import type { ChangeView } from "../address";
import { LONGEST_LIST, timeZone, type Api } from "../api";
import type { Stats, StatsQuery } from "../answers";
import { SeriesChart } from "../charts/series-chart";
import { periodRows } from "../csv";
import { inDay } from "../days";
import { saveCsv } from "../download";
import type { Format } from "../format";
import { useLanguage } from "../i18n/language";
import { reasonsOf } from "../reasons";
import type { Reading } from "../reading";
import { hasNothing } from "../situation";
import type { View } from "../view";
import { ClearFilters, Filters } from "./filters";
import { Controls } from "./controls";
import { isFinal, NextAttempt, useProblemText } from "./notice";
import { Notes } from "./notes";
import { SeriesTable } from "./series-table";
import { Totals } from "./totals";
import type { Problem } from "../problem";

interface PeriodProps {
  readonly api: Api | null;
  readonly view: View;
  readonly today: string;
  readonly stats: Reading<Stats>;
  readonly onChange: ChangeView;
}

export function Period({ api, view, today, stats, onChange }: PeriodProps) {
  const speech = useLanguage();
  const { t, format } = speech;
  const { answer, isOld, problem } = stats;
  const state = answer === null ? " is-loading" : isOld ? " is-old" : problem ? " is-stale" : "";
  const label = t(`metric_${view.metric}`);
  return (
    <section id="period" class="card period" aria-labelledby="period-heading">
      <div class="card-head">
        <h2 id="period-heading" tabIndex={-1}>{rangeName(view, speech)}</h2>
        <p class="hint" id="period-days">{answer && daysOf(answer.query, format)}</p>
        {api && answer && <DownloadPeriod api={api} view={view} />}
      </div>
      <Controls view={view} today={today} onChange={onChange} />
      <Filters view={view} onChange={onChange} />
      {answer === null && problem ? <NoAnswer problem={problem} reading={stats} view={view} onChange={onChange} /> : (
        <div class={`figures${state}`} aria-busy={answer === null || isOld}>
          <Totals stats={answer} metric={view.metric} onMetric={(metric) => onChange({ ...view, metric }, "replace")} />
          <div class="course">
            {answer && !isOld && hasNothing(answer) && <Nothing view={view} onChange={onChange} />}
            <SeriesChart series={answer?.series ?? []} previous={answer?.comparison?.series} metric={view.metric}
              step={answer?.query.step ?? "hour"} zone={answer?.query.timezone ?? timeZone()} label={label} />
          </div>
          <Notes id="period-note" texts={answer ? reasonsOf(answer.meta, speech, answer.query.timezone) : []} isWarning={answer?.meta.complete === false} />
          {answer && <SeriesTable stats={answer} />}
        </div>
      )}
    </section>
  );
}

function daysOf({ from_ms, to_ms, step, timezone }: StatsQuery, format: Format): string {
  return format.days(step === "minute" ? from_ms : inDay(from_ms), to_ms - 1, timezone);
}

function rangeName(view: View, { t }: ReturnType<typeof useLanguage>): string {
  return t(typeof view.range === "string" ? `range_long_${view.range}` : "range_long_custom");
}

function Nothing({ view, onChange }: Pick<PeriodProps, "view" | "onChange">) {
  const { t } = useLanguage();
  const isFiltered = Object.keys(view.filters).length > 0;
  return (
    <div class="nothing" role="status">
      <p>{t(isFiltered ? "nothing_matches" : "nothing_in_range")}</p>
      {isFiltered && <ClearFilters view={view} onChange={onChange} />}
    </div>
  );
}

interface NoAnswerProps extends Pick<PeriodProps, "view" | "onChange"> {
  readonly problem: Problem;
  readonly reading: Reading<Stats>;
}

/** The question itself has no answer, or not yet: old figures beside it would be taken for one. */
function NoAnswer({ problem, reading, view, onChange }: NoAnswerProps) {
  const { t } = useLanguage();
  const text = useProblemText(problem);
  return (
    <div class="nothing no-answer" data-problem={problem.kind}>
      <p role="alert">{text}</p>
      {!isFinal(problem) && <p class="hint"><NextAttempt reading={reading} /></p>}
      <div class="actions">
        {Object.keys(view.filters).length > 0 && <ClearFilters view={view} onChange={onChange} />}
        {problem.kind === "out_of_reach" && view.range !== "24h" && (
          <button type="button" class="link-button" onClick={() => onChange({ ...view, range: "24h" })}>{t("show_24h")}</button>
        )}
        {!isFinal(problem) && <button type="button" class="button small" onClick={reading.retry}>{t("try_now")}</button>}
      </div>
    </div>
  );
}

function DownloadPeriod({ api, view }: { readonly api: Api; readonly view: View }) {
  const { t } = useLanguage();
  const [state, setState] = useState<"idle" | "reading" | "failed">("idle");
  const save = async () => {
    setState("reading");
    try {
      const { answer } = await api.stats(view, new AbortController().signal, LONGEST_LIST);
      saveCsv(periodRows(answer), api.siteOf(view), view.range);
      setState("idle");
    } catch {
      setState("failed");
    }
  };
  return (
    <div class="download">
      <span role="status" class="hint">{state === "failed" && t("download_failed")}</span>
      <button type="button" class="button is-quiet small" disabled={state === "reading"} onClick={save}>{t("download_csv")}</button>
    </div>
  );
}
