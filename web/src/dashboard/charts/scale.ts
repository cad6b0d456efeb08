// The value axis: from zero to a round number, in a few equal steps.
import type { Format } from "../format";
import type { Translate } from "../i18n/translate";
import type { Measure } from "./series";

const MOST_STEPS = 4;
const SECONDS_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400];

/** Marks from 0 upwards; the last one is at least the largest value. */
export function valueTicks(values: readonly (number | null)[], measure: Measure): number[] {
  const largest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  const step = stepFor(largest, measure);
  const steps = Math.max(1, Math.ceil(largest / step - 1e-9));
  return Array.from({ length: steps + 1 }, (_, index) => tidy(index * step));
}

function stepFor(largest: number, measure: Measure): number {
  const atLeast = largest / MOST_STEPS;
  if (measure === "seconds") {
    const known = SECONDS_STEPS.find((step) => step >= atLeast);
    if (known) return known;
  }
  if (measure === "share") return roundUp(Math.max(atLeast, 0.01));
  return roundUp(Math.max(atLeast, measure === "count" ? 1 : 0.1));
}

/** The smallest 1, 2, 2.5 or 5 times a power of ten that is not below `x`; whole where `x` is 1 or more. */
function roundUp(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x) + 1e-9);
  const factor = [1, 2, ...(power >= 10 || x < 1 ? [2.5] : []), 5, 10].find((f) => f * power >= x * (1 - 1e-9));
  return tidy((factor ?? 10) * power);
}

/** Without the last digits that binary fractions add: 0.1 * 3 is 0.3. */
const tidy = (x: number): number => Number(x.toPrecision(12));

/** A mark as it stands beside the axis: short. */
export function tickText(value: number, measure: Measure, format: Format, t: Translate): string {
  if (measure === "share") return format.percent(value);
  if (measure === "decimal") return format.decimal(value);
  if (measure === "count") return format.shortCount(value);
  if (value >= 3_600 && value % 3_600 === 0) return t("hours", { h: value / 3_600 });
  return value >= 60 && value % 60 === 0 ? t("minutes", { m: value / 60 }) : t("seconds", { s: value });
}
