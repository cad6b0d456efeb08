// The time axis: which steps get a label, and what it says, in the chosen time zone.
import { inDay } from "../days";
import type { Format, Step } from "../format";

export interface TimeTick {
  /** Index of the step. */
  readonly at: number;
  readonly text: string;
}

const MOST_LABELS = 8;
const HOURS = [1, 2, 3, 4, 6, 12];
const MINUTES = [1, 2, 5, 10, 15, 30];

/** Labels on round hours and minutes; on equal days; beyond two months on the first of a month. */
export function timeTicks(times: readonly number[], step: Step, zone: string, format: Format): TimeTick[] {
  if (times.length <= 1) return times.map((t, at) => ({ at, text: format.tick(t, step, zone) }));
  if (step === "day") return dayTicks(times, zone, format);
  const fields = times.map((t) => fieldsOf(t, zone));
  if (step === "minute") {
    const every = enough(MINUTES, times.length);
    return pick(times, (at) => (fields[at]?.minute ?? 0) % every === 0, (t) => format.tick(t, "minute", zone));
  }
  const hourly = HOURS.find((hours) => times.length / hours <= MOST_LABELS);
  if (hourly === undefined) {
    const midnights = indices(times, (at) => fields[at]?.hour === 0);
    const every = Math.ceil(midnights.length / MOST_LABELS);
    return label(times, midnights.filter((_, nth) => nth % every === 0), (t) => format.tick(t, "day", zone));
  }
  return pick(times, (at) => (fields[at]?.hour ?? 0) % hourly === 0,
    (t, at) => format.tick(t, fields[at]?.hour === 0 ? "day" : "hour", zone));
}

function dayTicks(times: readonly number[], zone: string, format: Format): TimeTick[] {
  if (times.length > 62) {
    const fields = times.map((t) => fieldsOf(inDay(t), zone));
    const firsts = indices(times, (at) => fields[at]?.day === 1);
    const every = [1, 2, 3, 6].find((months) => firsts.length / months <= MOST_LABELS) ?? 12;
    return label(times, firsts.filter((at) => ((fields[at]?.month ?? 1) - 1) % every === 0), (t) => format.month(t, zone));
  }
  const every = [1, 2, 3, 4, 5, 7, 10].find((days) => times.length / days <= MOST_LABELS) ?? 14;
  return pick(times, (at) => at % every === 0, (t) => format.tick(t, "day", zone));
}

const enough = (steps: readonly number[], length: number): number =>
  steps.find((every) => length / every <= MOST_LABELS) ?? 60;

const indices = (times: readonly number[], wanted: (at: number) => boolean): number[] =>
  [...times.keys()].filter(wanted);

const label = (times: readonly number[], at: readonly number[], text: (t: number, at: number) => string): TimeTick[] =>
  at.map((index) => ({ at: index, text: text(times[index] ?? 0, index) }));

const pick = (times: readonly number[], wanted: (at: number) => boolean, text: (t: number, at: number) => string): TimeTick[] =>
  label(times, indices(times, wanted), text);

interface Fields {
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const calendars = new Map<string, Intl.DateTimeFormat>();

function fieldsOf(epochMs: number, zone: string): Fields {
  const calendar = calendars.get(zone) ?? new Intl.DateTimeFormat("en-US", {
    timeZone: zone, month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", hourCycle: "h23",
  });
  calendars.set(zone, calendar);
  const [month = 1, day = 1, hour = 0, minute = 0] = calendar.format(epochMs).split(/\D+/).map(Number);
  return { month, day, hour, minute };
}
