// Who is here now, and the last thirty minutes.
import type { Realtime } from "../answers";
import { timeZone } from "../api";
import { LiveBars } from "../charts/live-bars";
import { hasOtherThanLive, type Filters } from "../dimensions";
import { useLanguage } from "../i18n/language";
import { reasonsOf } from "../reasons";
import type { Reading } from "../reading";
import { Notes } from "./notes";

interface LiveProps {
  readonly live: Reading<Realtime>;
  readonly filters: Filters;
}

export function Live({ live, filters }: LiveProps) {
  const speech = useLanguage();
  const { t, format } = speech;
  const { answer, isOld, problem } = live;
  const state = answer === null ? " is-loading" : isOld ? " is-old" : problem ? " is-stale" : "";
  return (
    <section id="live" class={`card live${state}`} aria-labelledby="live-heading" aria-busy={answer === null || isOld}>
      <div class="now">
        <h2 id="live-heading">{t("visitors_now")}</h2>
        <p class="huge" id="active-visitors">{answer ? format.count(answer.active_visitors) : "\u00a0"}</p>
        <p class="hint">{answer ? t("open_sessions", { count: answer.active_sessions }) : "\u00a0"}</p>
        {hasOtherThanLive(filters) && <p class="hint unfiltered">{t("live_unfiltered")}</p>}
      </div>
      <div class="minutes">
        <div class="card-head">
          <h3>{t("last_30_minutes")}</h3>
          <p class="hint" id="half-hour">
            {answer && `${t("count_pageviews", { count: answer.pageviews_30m })}, ${t("count_visitors", { count: answer.visitors_30m })}`}
          </p>
        </div>
        <LiveBars minutes={answer?.series ?? []} label={t("pageviews_a_minute")} zone={timeZone()} />
        <Notes id="live-note" texts={answer ? reasonsOf(answer.meta, speech, timeZone()) : []} isWarning={answer?.meta.complete === false} />
      </div>
    </section>
  );
}
