import assert from "node:assert/strict";
import { test } from "node:test";
import { areaPath, linePath, runsOf, splitPartial } from "../src/dashboard/charts/line";
import { stepTo } from "../src/dashboard/charts/reading";
import { tickText, valueTicks } from "../src/dashboard/charts/scale";
import { exactly, inWords } from "../src/dashboard/charts/series";
import { timeTicks } from "../src/dashboard/charts/time-axis";
import { formatFor } from "../src/dashboard/format";
import { translator } from "../src/dashboard/i18n/translate";

const t = translator("en", "en-US");
const format = formatFor("en-US", t);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test("the value axis begins at zero, ends above the largest value and has few round steps", () => {
  assert.deepEqual(valueTicks([0, 0], "count"), [0, 1]);
  assert.deepEqual(valueTicks([], "count"), [0, 1]);
  assert.deepEqual(valueTicks([3], "count"), [0, 1, 2, 3]);
  assert.deepEqual(valueTicks([7, null, 2], "count"), [0, 2, 4, 6, 8]);
  assert.deepEqual(valueTicks([973], "count"), [0, 250, 500, 750, 1_000]);
  assert.deepEqual(valueTicks([1e9], "count"), [0, 2.5e8, 5e8, 7.5e8, 1e9]);
  assert.deepEqual(valueTicks([0.417, null], "share"), [0, 0.2, 0.4, 0.6]);
  assert.deepEqual(valueTicks([1], "share"), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(valueTicks([134], "seconds"), [0, 60, 120, 180]);
});

test("whatever the values, the axis holds them in at most four steps of the same length", () => {
  for (let exponent = -2; exponent < 9; exponent += 0.037) {
    for (const measure of ["count", "share", "seconds", "decimal"] as const) {
      const largest = 10 ** exponent;
      const ticks = valueTicks([largest], measure);
      const top = ticks.at(-1) ?? 0;
      assert.equal(ticks[0], 0);
      assert.ok(top >= largest * (1 - 1e-9) && ticks.length >= 2 && ticks.length <= 5, `${measure} ${largest}: ${ticks}`);
      ticks.forEach((tick, at) => assert.ok(Math.abs(tick - (top * at) / (ticks.length - 1)) < top * 1e-9));
      if (measure === "count") assert.ok(ticks.every(Number.isInteger), `${ticks}`);
    }
  }
});

test("marks are short, tooltips exact", () => {
  assert.equal(tickText(2_500_000, "count", format, t), "2.5M");
  assert.equal(tickText(0.25, "share", format, t), "25%");
  assert.deepEqual([30, 120, 7_200].map((s) => tickText(s, "seconds", format, t)), ["30s", "2m", "2h"]);
  assert.equal(exactly(1_234_567_890, "count", format), "1,234,567,890");
  assert.equal(exactly(0.4173, "share", format), "41.7%");
  assert.equal(exactly(null, "share", format), "–");
  assert.equal(inWords(1, "visitors", format, t), "1 visitor");
  assert.equal(inWords(0.5, "bounce_rate", format, t), "Bounce rate 50%");
  assert.equal(inWords(null, "bounce_rate", format, t), "no figure");
});

test("a missing figure is a gap, and a figure between two gaps a dot", () => {
  const values = [1, 2, null, 4, null];
  assert.deepEqual(runsOf(values), [[[0, 1], [1, 2]], [[3, 4]]]);
  assert.equal(linePath(values, 4), "M0.5 75L1.5 50M3.5 0h0");
  assert.equal(areaPath(values, 4), "M0.5 75L1.5 50V100H0.5Z");
  assert.equal(linePath([null, null], 1), "");
  assert.equal(linePath([5], 5), "M0.5 0h0");
});

test("the step that still goes on is drawn apart from the whole ones", () => {
  assert.deepEqual(splitPartial([1, 2, 3], true), { whole: [1, 2], going: [null, 2, 3] });
  assert.deepEqual(splitPartial([1, 2, 3], false), { whole: [1, 2, 3], going: [] });
  assert.deepEqual(splitPartial([7], true), { whole: [], going: [7] });
});

const labels = (times: number[], step: "minute" | "hour" | "day", zone: string) =>
  timeTicks(times, step, zone, format).map(({ text }) => text);
const every = (from: number, length: number, step: number) => Array.from({ length }, (_, at) => from + at * step);

test("the time axis names round moments of the chosen zone", () => {
  const evening = Date.UTC(2026, 10, 25, 15);
  assert.deepEqual(labels(every(evening, 24, HOUR), "hour", "UTC"),
    ["15:00", "18:00", "21:00", "Nov 26", "03:00", "06:00", "09:00", "12:00"]);
  assert.deepEqual(labels(every(evening, 24, HOUR), "hour", "Asia/Seoul"),
    ["Nov 26", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]);
  assert.deepEqual(labels(every(evening, 30, 60_000), "minute", "UTC"), ["15:00", "15:05", "15:10", "15:15", "15:20", "15:25"]);
  assert.deepEqual(labels(every(evening, 168, HOUR), "hour", "UTC"),
    ["Nov 26", "Nov 27", "Nov 28", "Nov 29", "Nov 30", "Dec 1", "Dec 2"]);
  assert.deepEqual(labels(every(evening, 30, DAY), "day", "UTC").length, 8);
  assert.deepEqual(labels(every(Date.UTC(2025, 9, 20), 400, DAY), "day", "UTC"),
    ["Nov", "2026", "Mar", "May", "Jul", "Sep", "Nov"]);
  assert.deepEqual(labels([evening], "day", "Asia/Seoul"), ["Nov 26"]);
  assert.deepEqual(labels([], "day", "UTC"), []);
});

test("a day is called by its own date where clocks are off the hour", () => {
  const today = Date.UTC(2026, 10, 25, 18); // 23:30 of the evening before, in Kolkata
  assert.equal(format.moment(today, "day", "Asia/Kolkata"), "Thu, Nov 26, 2026");
  assert.deepEqual(labels([today - DAY, today], "day", "Asia/Kolkata"), ["Nov 25", "Nov 26"]);
  assert.deepEqual(labels(every(Date.UTC(2026, 9, 31, 18), 90, DAY), "day", "Asia/Kolkata"), ["Nov", "Dec", "2027"]);
  assert.equal(format.moment(today - HOUR / 2, "minute", "Asia/Kolkata"), "Wed 23:00");
  assert.equal(format.moment(Date.UTC(2026, 10, 25, 23), "day", "America/New_York"), "Wed, Nov 25, 18:00"); // begins within the day
  assert.equal(format.moment(Date.UTC(2026, 3, 23, 22), "day", "Africa/Cairo"), "Fri, Apr 24, 2026"); // there is no midnight
});

test("there are never more than eight labels, whatever the length", () => {
  for (const [step, ms] of [["minute", 60_000], ["hour", HOUR], ["day", DAY]] as const)
    for (let length = 2; length <= 400; length += 1)
      assert.ok(labels(every(Date.UTC(2026, 2, 28, 7), length, ms), step, "Europe/Berlin").length <= 9, `${step} ${length}`);
});

test("arrow keys read step by step, and stop at the ends", () => {
  assert.equal(stepTo("ArrowLeft", null, 24), 23);
  assert.equal(stepTo("ArrowLeft", 23, 24), 22);
  assert.equal(stepTo("ArrowRight", 23, 24), 23);
  assert.equal(stepTo("ArrowLeft", 0, 24), 0);
  assert.equal(stepTo("Home", 9, 24), 0);
  assert.equal(stepTo("End", 9, 24), 23);
  assert.equal(stepTo("PageDown", 9, 24), 7);
  assert.equal(stepTo("Tab", 9, 24), null);
});
