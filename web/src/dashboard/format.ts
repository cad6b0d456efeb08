// Figures, durations and moments as people read them, in the page's language and the chosen time zone.
import { beginsDay, inDay } from "./days";
import type { Translate } from "./i18n/translate";

/** How far apart the points of a series are. */
export type Step = "minute" | "hour" | "day";
/** A figure of the API; null where there is none (a bounce rate without visits). */
export type Figure = number | null | undefined;

export interface Format {
  /** Every digit: 1,234,567. */
  count(n: Figure): string;
  /** Three digits from ten thousand on: 1.23M, 123만. */
  shortCount(n: Figure): string;
  /** One decimal: 2.1. */
  decimal(n: Figure): string;
  /** A share of one: 0.417 -> 42%. */
  percent(n: Figure): string;
  /** A share of one with one decimal: 0.4173 -> 41.7%. */
  precisePercent(n: Figure): string;
  /** A share of one with its sign: 0.25 -> +25%. */
  change(n: Figure): string;
  /** 64 -> 1m 04s, 1분 4초. */
  duration(seconds: Figure): string;
  /** 3000 -> 3 s ago, 3초 전. */
  ago(milliseconds: number): string;
  /** A moment in full, as exactly as its step: "Thu, Nov 26, 14:00". A day that begins later than its midnight is told with its hour. */
  moment(epochMs: number, step: Step, zone: string): string;
  /** A moment as a label below an axis: "14:00", "Nov 26". */
  tick(epochMs: number, step: Step, zone: string): string;
  /** A month as a label below an axis; January is named by its year. */
  month(epochMs: number, zone: string): string;
  /** Hours, minutes and seconds. */
  clock(epochMs: number, zone: string): string;
  /** Days with their year, from the first to the last: "Nov 1 – 26, 2026". */
  days(fromMs: number, toMs: number, zone: string): string;
  /** "KR" -> South Korea; a name in parentheses -> what it means. */
  country(code: string): string;
  /** "(direct)" -> Direct / none; every other name as it is. */
  name(name: string): string;
}

export const NOTHING = "–"; // a figure that does not exist is not a zero

const MOMENTS: Readonly<Record<Step, Intl.DateTimeFormatOptions>> = {
  minute: { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  hour: { weekday: "short", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  day: { weekday: "short", year: "numeric", month: "short", day: "numeric" },
};
const TICKS: Readonly<Record<Step, Intl.DateTimeFormatOptions>> = {
  minute: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  hour: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  day: { month: "short", day: "numeric" },
};
const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const DAYS: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric" };

/** The formats of a locale ("en-GB"); `t` has the units that Intl cannot write. */
export function formatFor(locale: string, t: Translate): Format {
  const number = (options: Intl.NumberFormatOptions): ((n: Figure) => string) => {
    const format = onceAsked(() => new Intl.NumberFormat(locale, options));
    return (n) => (n === null || n === undefined ? NOTHING : format().format(n));
  };
  const count = number({});
  const compact = number({ notation: "compact", maximumSignificantDigits: 3 });
  const dates = dateFormats(locale);
  const regions = onceAsked(() => new Intl.DisplayNames(locale, { type: "region", fallback: "code" }));
  const names: Readonly<Record<string, string>> = {
    "(direct)": t("name_direct"), "(unknown)": t("name_unknown"), "(other)": t("name_other"),
  };
  const name = (text: string): string => (Object.hasOwn(names, text) ? names[text] ?? text : text);
  return {
    count,
    shortCount: (n) => (typeof n === "number" && Math.abs(n) >= 10_000 ? compact(n) : count(n)),
    decimal: number({ maximumFractionDigits: 1 }),
    percent: number({ style: "percent", maximumFractionDigits: 0 }),
    precisePercent: number({ style: "percent", maximumFractionDigits: 1 }),
    change: number({ style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" }),
    duration: (seconds) => (seconds === null || seconds === undefined ? NOTHING : durationText(seconds, t)),
    ago: (milliseconds) => ageText(milliseconds, t),
    moment: (epochMs, step, zone) => {
      if (step !== "day") return dates(MOMENTS[step], zone).format(epochMs);
      return beginsDay(epochMs, zone) ? dates(MOMENTS.day, zone).format(inDay(epochMs)) : dates(MOMENTS.hour, zone).format(epochMs);
    },
    tick: (epochMs, step, zone) => dates(TICKS[step], zone).format(step === "day" ? inDay(epochMs) : epochMs),
    month: (epochMs, zone) => {
      const parts = dates({ month: "numeric" }, zone).formatToParts(inDay(epochMs));
      const isJanuary = parts.some(({ type, value }) => type === "month" && value === "1");
      return dates(isJanuary ? { year: "numeric" } : { month: "short" }, zone).format(inDay(epochMs));
    },
    clock: (epochMs, zone) => dates(CLOCK, zone).format(epochMs),
    days: (fromMs, toMs, zone) => dates(DAYS, zone).formatRange(fromMs, toMs),
    country: (code) => (/^[A-Z]{2}$/.test(code) ? regions().of(code) ?? code : name(code)),
    name,
  };
}

/** Making an Intl format takes milliseconds, using one does not: each is made once, and none before it is needed. */
export function onceAsked<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function dateFormats(locale: string): (options: Intl.DateTimeFormatOptions, zone: string) => Intl.DateTimeFormat {
  const made = new Map<string, Intl.DateTimeFormat>();
  return (options, timeZone) => {
    const key = `${timeZone} ${JSON.stringify(options)}`;
    const known = made.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone });
    made.set(key, known);
    return known;
  };
}

const twoDigits = (n: number): string => String(n).padStart(2, "0");

function durationText(seconds: number, t: Translate): string {
  const s = Math.round(seconds);
  const m = Math.floor(s / 60);
  const h = Math.floor(m / 60);
  if (m === 0) return t("seconds", { s });
  if (h === 0) return t("minutes_seconds", { m, s: s % 60, ss: twoDigits(s % 60) });
  if (h < 48) return t("hours_minutes", { h, m: m % 60, mm: twoDigits(m % 60) });
  return t("days_hours", { d: Math.floor(h / 24), h: h % 24, hh: twoDigits(h % 24) });
}

function ageText(milliseconds: number, t: Translate): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return t("seconds_ago", { n: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t("minutes_ago", { n: minutes });
  const hours = Math.round(minutes / 60);
  return hours < 48 ? t("hours_ago", { n: hours }) : t("days_ago", { n: Math.round(hours / 24) });
}
