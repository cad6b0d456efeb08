// A period as a line over its ground, the period before as a quiet second line.
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { Format, Step } from "../format";
import { useLanguage } from "../i18n/language";
import type { Translate } from "../i18n/translate";
import { ChartFrame, type Row } from "./frame";
import { areaPath, linePath, splitPartial } from "./line";
import { useReading } from "./reading";
import { tickText, valueTicks } from "./scale";
import { exactly, inWords, measureOf, valuesOf, type Metric, type Point } from "./series";
import { timeTicks } from "./time-axis";

export interface SeriesChartProps {
  readonly series: readonly Point[];
  /** The period before, as many steps. */
  readonly previous?: readonly Point[] | undefined;
  readonly metric: Metric;
  readonly step: Step;
  /** IANA name of the time zone that the axis tells. */
  readonly zone: string;
  readonly label: string;
}

export function SeriesChart({ series, previous, metric, step, zone, label }: SeriesChartProps): VNode {
  const { t, format } = useLanguage();
  const reading = useReading(series.length);
  const drawing = useMemo(() => {
    const values = valuesOf(series, metric);
    const before = valuesOf((previous ?? []).slice(0, series.length), metric);
    const measure = measureOf(metric);
    const ticks = valueTicks([...values, ...before], measure);
    const top = ticks.at(-1) ?? 1;
    return {
      values, before, measure, top,
      marks: series.length === 0 ? [] : ticks.map((tick) => ({ share: tick / top, text: tickText(tick, measure, format, t) })),
      times: timeTicks(series.map((point) => point.t), step, zone, format),
      summary: summaryOf({ series, values, metric, step, zone, label }, format, t),
      shapes: <Shapes values={values} before={before} top={top} isPartial={series.at(-1)?.partial ?? false} />,
    };
  }, [series, previous, metric, step, zone, label, format, t]);
  const { values, before, measure, top } = drawing;

  const at = reading.at ?? series.length - 1;
  const current = series[at];
  const past = previous?.[at];
  const when = (point: Point): string =>
    `${format.moment(point.t, step, zone)}${point.partial ? ` · ${t("chart_so_far")}` : ""}`;
  const row = (kind: Row["kind"], point: Point, value: number | null): Row => ({
    kind, when: when(point), value: exactly(value, measure, format), share: value === null ? null : value / top,
  });
  const rows = [
    ...(current ? [row("current", current, values[at] ?? null)] : []),
    ...(past ? [row("previous", past, before[at] ?? null)] : []),
  ];
  const spoken = current
    ? `${when(current)}: ${inWords(values[at] ?? null, metric, format, t)}`
      + (past ? `; ${t("chart_before", { value: exactly(before[at] ?? null, measure, format) })}` : "")
    : t("chart_none");
  return (
    <ChartFrame
      kind="series" label={label} summary={drawing.summary} keys={t("chart_keys")} length={series.length}
      marks={drawing.marks} times={drawing.times} reading={reading} rows={rows} spoken={spoken}
    >
      {drawing.shapes}
    </ChartFrame>
  );
}

interface ShapesProps {
  readonly values: readonly (number | null)[];
  readonly before: readonly (number | null)[];
  readonly top: number;
  readonly isPartial: boolean;
}

function Shapes({ values, before, top, isPartial }: ShapesProps): VNode {
  const { whole, going } = splitPartial(values, isPartial);
  return (
    <>
      <path class="area" d={areaPath(whole, top)} />
      <path class="area going" d={areaPath(going, top)} />
      <path class="line previous" d={linePath(before, top)} />
      <path class="line current" d={linePath(whole, top)} />
      <path class="line current going" d={linePath(going, top)} />
    </>
  );
}

interface Summarised extends SeriesChartProps {
  readonly values: readonly (number | null)[];
}

/** First and last step, the highest and the lowest: what a look at the picture tells. */
function summaryOf(told: Omit<Summarised, "previous">, format: Format, t: Translate): string {
  const { series, values, metric, step, zone, label } = told;
  if (series.length === 0) return t("chart_empty", { label });
  const known = values.flatMap((value, at) => (value === null ? [] : [{ value, at }]));
  const most = known.reduce((best, one) => (one.value > best.value ? one : best), known[0] ?? { value: 0, at: 0 });
  const least = known.reduce((best, one) => (one.value < best.value ? one : best), most);
  const moment = (at: number): string => {
    const point = series[at];
    return point ? format.moment(point.t, step, zone) : t("chart_none");
  };
  const period = { label, from: moment(0), to: moment(series.length - 1) };
  if (most.value === 0) return t("chart_summary_silent", period);
  return t("chart_summary", {
    ...period, time: moment(most.at), most: inWords(most.value, metric, format, t), least: inWords(least.value, metric, format, t),
  });
}
