// How old the figures are, and whether they are estimated or cut; opened, it explains each.
import { timeZone } from "../api";
import type { Realtime, Stats } from "../answers";
import { useSeconds } from "../clock";
import { useLanguage } from "../i18n/language";
import { reasonsOf } from "../reasons";
import type { Reading } from "../reading";

const STALE_AFTER_MS = 10_000;

interface FreshnessProps {
  readonly live: Reading<Realtime>;
  readonly stats: Reading<Stats>;
}

export function Freshness({ live, stats }: FreshnessProps) {
  const speech = useLanguage();
  const { t, format } = speech;
  const now = useSeconds();
  const newest = live.answer ? live : stats;
  if (!live.answer && !stats.answer) return <p class="freshness is-loading" />;
  const ageMs = now - newest.madeAt;
  const isStale = newest.problem !== null || ageMs > STALE_AFTER_MS + (live.answer ? 0 : 10_000);
  const metas = [live.answer?.meta, stats.answer?.meta].filter((meta) => meta !== undefined);
  const isComplete = metas.every((meta) => meta.complete);
  const isExact = metas.every((meta) => meta.exact);
  const reasons = [...new Set(metas.flatMap((meta) => reasonsOf(meta, speech, timeZone())))];
  return (
    <details class={`freshness${isStale ? " is-stale" : ""}`}>
      <summary>
        <span class="dot" aria-hidden="true" />
        <span class="age">{t("as_of", { age: format.ago(ageMs) })}</span>
        {!isExact && <span class="badge">{t("estimated")}</span>}
        {!isComplete && <span class="badge is-warning">{t("incomplete")}</span>}
      </summary>
      <div class="popover">
        <p>{lastEvent(live, now, speech)}</p>
        <p>{t(isStale ? "stale_explained" : "fresh_explained")}</p>
        {!isExact && <p>{t("estimated_explained")}</p>}
        {!isComplete && <p>{t("incomplete_explained")}</p>}
        {reasons.length > 0 && <ul>{reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>}
      </div>
    </details>
  );
}

function lastEvent({ answer, madeAt }: Reading<Realtime>, now: number, { t, format }: ReturnType<typeof useLanguage>) {
  const at = answer?.meta.fresh_to;
  if (!answer || !at) return t("last_event_none");
  return t("last_event", { age: format.ago(answer.now - at + now - madeAt) }); // both moments are the server's
}
