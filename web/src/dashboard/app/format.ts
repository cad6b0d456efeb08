// @ts-nocheck
// Figures and times as people read them.

const LOCALE = document.documentElement.lang;
const whole = new Intl.NumberFormat(LOCALE);
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const oneDecimal = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const percentage = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayAndClock = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const regions = new Intl.DisplayNames(LOCALE, { type: "region", fallback: "code" });

const NOTHING = "–"; // a figure that does not exist is not a zero

export const count = (n) => (n === null || n === undefined ? NOTHING : whole.format(n));
export const shortCount = (n) => (n === null || n === undefined ? NOTHING : n < 10_000 ? whole.format(n) : compact.format(n));
export const ratio = (n) => (n === null || n === undefined ? NOTHING : oneDecimal.format(n));
export const percent = (n) => (n === null || n === undefined ? NOTHING : percentage.format(n));
export const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return NOTHING;
  const rounded = Math.round(seconds);
  const minutes = Math.floor(rounded / 60);
  if (minutes === 0) return `${rounded}s`;
  if (minutes < 60) return `${minutes}m ${String(rounded % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}

/** An instant of the API, epoch milliseconds or ISO 8601, in epoch milliseconds. */
export const instant = (value) => (typeof value === "number" ? value : Date.parse(value));

export const timeOfDay = (value) => clock.format(instant(value));
export const dayAndTime = (value) => dayAndClock.format(instant(value));

export function ago(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
}

const SPECIAL_NAMES = { "(direct)": "Direct / none", "(unknown)": "Unknown", "(other)": "Other" };

export const named = (name) => SPECIAL_NAMES[name] ?? name;
export const country = (code) => (/^[A-Z]{2}$/.test(code) ? regions.of(code) : named(code));
export const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** What the API warns about, as one line of text. */
export const remarks = (warnings) => warnings.map((warning) => `${capitalised(warning)}.`).join(" ");

/** "https://www.example.com/pricing?x=1" -> "/pricing"; anything that is no address stays as it is. */
export const pathOf = (address) => (URL.canParse(address) ? new URL(address).pathname : address);

export const hostOf = (address) => (URL.canParse(address) ? new URL(address).hostname.replace(/^www\./, "") : address);
