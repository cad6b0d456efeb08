// The last thirty minutes, a bar each; the last one still grows.
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { useLanguage } from "../i18n/language";
import { ChartFrame } from "./frame";
import { HEIGHT, yOf } from "./line";
import { useReading } from "./reading";
import { tickText, valueTicks } from "./scale";
import { timeTicks } from "./time-axis";

export interface LiveMinute {
  readonly t: number;
  readonly pageviews: number;
  readonly visitors: number;
  readonly partial: boolean;
}

export interface LiveBarsProps {
  readonly minutes: readonly LiveMinute[];
  readonly label: string;
  /** IANA name of the time zone that the axis tells. */
  readonly zone: string;
}

export function LiveBars({ minutes, label, zone }: LiveBarsProps): VNode {
  const { t, format } = useLanguage();
  const reading = useReading(minutes.length);
  const drawing = useMemo(() => {
    const ticks = valueTicks(minutes.map((minute) => minute.pageviews), "count");
    const top = ticks.at(-1) ?? 1;
    const total = minutes.reduce((sum, minute) => sum + minute.pageviews, 0);
    const most = minutes.reduce<LiveMinute | undefined>((best, one) => (best && best.pageviews >= one.pageviews ? best : one), undefined);
    return {
      top,
      marks: minutes.length === 0 ? [] : [0, ticks.length - 1].map((at) => ticks[at] ?? 0)
        .map((tick) => ({ share: tick / top, text: tickText(tick, "count", format, t) })),
      times: timeTicks(minutes.map((minute) => minute.t), "minute", zone, format),
      summary: most === undefined ? t("chart_empty", { label })
        : total === 0 ? t("chart_live_silent")
        : t("chart_live_summary", { total, time: format.tick(most.t, "minute", zone), most: most.pageviews }),
      bars: minutes.map((minute, index) => <Bar key={minute.t} minute={minute} index={index} top={top} />),
    };
  }, [minutes, zone, label, format, t]);

  const minute = minutes[reading.at ?? minutes.length - 1];
  const when = minute
    ? `${format.tick(minute.t, "minute", zone)}${minute.partial ? ` · ${t("chart_so_far")}` : ""}` : t("chart_none");
  const value = minute
    ? `${t("count_pageviews", { count: minute.pageviews })}, ${t("count_visitors", { count: minute.visitors })}` : "";
  return (
    <ChartFrame
      kind="bars" label={label} summary={drawing.summary} keys={t("chart_keys")} length={minutes.length}
      marks={drawing.marks} times={drawing.times} reading={reading} spoken={`${when}: ${value}`}
      rows={minute ? [{ kind: "current", when, value, share: null }] : []}
    >
      {drawing.bars}
    </ChartFrame>
  );
}

interface BarProps {
  readonly minute: LiveMinute;
  readonly index: number;
  readonly top: number;
}

/** A silent minute keeps a sliver, so that thirty minutes are seen even when nothing happens. */
function Bar({ minute, index, top }: BarProps): VNode {
  const { pageviews, partial } = minute;
  const y = pageviews > 0 ? Math.min(yOf(pageviews, top), HEIGHT - 3) : HEIGHT - 1.5;
  const kind = `bar${partial ? " going" : ""}${pageviews > 0 ? "" : " none"}`;
  return <rect class={kind} x={index + 0.1} width={0.8} y={y} height={HEIGHT - y} />;
}
