// The newest events, newest first. It holds still under a pointer or the focus, and where everything is new nothing blinks.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Realtime, RecentEvent } from "../answers";
import { useSeconds } from "../clock";
import { useLanguage } from "../i18n/language";
import { hostOf, nameOf, pathOf, readable } from "../names";
import type { Reading } from "../reading";

const MOST_BLINKING = 5; // a busy site would be one flicker

interface Line {
  readonly key: string;
  readonly event: RecentEvent;
}

interface FeedProps {
  readonly live: Reading<Realtime>;
  /** Page views, unless told otherwise. */
  readonly type: string | undefined;
}

export function Feed({ live, type }: FeedProps) {
  const speech = useLanguage();
  const { t } = speech;
  const [isHeld, setHeld] = useState(false);
  const lines = useHeld(useMemo(() => linesOf(live.answer?.recent ?? []), [live.answer]), isHeld);
  const before = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    if (live.answer) before.current = new Set(lines.map(({ key }) => key));
  }, [lines]);
  useSeconds();
  const { answer } = live;
  if (answer === null || lines.length === 0) return null;
  const now = answer.now + performance.now() - live.madeAt; // the server's clock
  const fresh = lines.filter(({ key }) => before.current !== null && !before.current.has(key));
  const isCalm = fresh.length <= MOST_BLINKING;
  return (
    <section id="recent" class={`card feed-card${live.isOld ? " is-old" : ""}`} aria-labelledby="recent-heading"
      onPointerEnter={({ pointerType }) => setHeld(pointerType === "mouse")} onPointerLeave={() => setHeld(false)}>
      <div class="card-head">
        <h2 id="recent-heading">{type ? t("recent_events", { events: nameOf("event_type", type, speech) }) : t("recent_title")}</h2>
        <p class="hint held">{isHeld && t("held")}</p>
      </div>
      <ol class="feed" id="feed">
        {lines.map(({ key, event }) => (
          <FeedLine key={key} event={event} ageMs={now - event.epoch_ms} isNew={isCalm && fresh.some((line) => line.key === key)} />
        ))}
      </ol>
    </section>
  );
}

function useHeld(lines: readonly Line[], isHeld: boolean): readonly Line[] {
  const shown = useRef(lines);
  if (!isHeld) shown.current = lines;
  return shown.current;
}

/** The same event keeps its key, so that its line stays; two that look the same are told apart by their order. */
function linesOf(events: readonly RecentEvent[]): Line[] {
  const seen = new Map<string, number>();
  return [...events].reverse().map((event) => {
    const looks = JSON.stringify(event);
    const nth = seen.get(looks) ?? 0;
    seen.set(looks, nth + 1);
    return { key: `${looks}${nth}`, event };
  }).reverse();
}

interface FeedLineProps {
  readonly event: RecentEvent;
  readonly ageMs: number;
  readonly isNew: boolean;
}

function FeedLine({ event, ageMs, isNew }: FeedLineProps) {
  const speech = useLanguage();
  const { t, format } = speech;
  const [wasNew] = useState(isNew); // as it came: drawn again, it does not blink again
  const isView = event.event_type === "page_view";
  const place = event.country && format.country(event.country);
  const details = [event.referrer && hostOf(event.referrer), place, event.device && nameOf("device", event.device, speech)];
  return (
    <li class={wasNew ? "new" : undefined}>
      <time dateTime={isoOf(event.epoch_ms)}>{format.ago(ageMs)}</time>
      <span class={isView ? "kind" : "kind custom"}>{isView ? t("viewed") : nameOf("event_type", event.event_type, speech)}</span>
      <span class="page" title={readable(event.page_url)}>{pathOf(event.page_url)}</span>
      <span class="details">{details.filter(Boolean).join(" · ")}</span>
    </li>
  );
}

const isoOf = (epochMs: number): string => (Number.isFinite(epochMs) ? new Date(epochMs).toISOString() : "");
