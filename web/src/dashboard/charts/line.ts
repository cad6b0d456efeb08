// The outline of a series as the `d` of an SVG path: every step is one unit wide, and the height is 100.

export const HEIGHT = 100;

/** The middle of a step. */
export const xOf = (index: number): number => index + 0.5;

/** SVG counts from above. */
export const yOf = (value: number, top: number): number => round(HEIGHT - (value / top) * HEIGHT);

const round = (n: number): number => Math.round(n * 100) / 100;

/** Unbroken runs of values, as [index, value]: a null is a gap, not a zero. */
export function runsOf(values: readonly (number | null)[]): [number, number][][] {
  const runs: [number, number][][] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const last = runs.at(-1);
    if (last && last.at(-1)?.[0] === index - 1) last.push([index, value]);
    else runs.push([[index, value]]);
  });
  return runs;
}

/** One line a run; a run of one value is a dot, which round ends of the stroke make of a line without length. */
export function linePath(values: readonly (number | null)[], top: number): string {
  return runsOf(values).map((run) => (run.length === 1 ? `${trace(run, top)}h0` : trace(run, top))).join("");
}

/** The ground below each run. */
export function areaPath(values: readonly (number | null)[], top: number): string {
  return runsOf(values)
    .filter((run) => run.length > 1)
    .map((run) => `${trace(run, top)}V${HEIGHT}H${xOf(run[0]?.[0] ?? 0)}Z`)
    .join("");
}

const trace = (run: readonly [number, number][], top: number): string =>
  run.map(([index, value], nth) => `${nth ? "L" : "M"}${xOf(index)} ${yOf(value, top)}`).join("");

/** The values up to the last whole step, and the last two alone if the last one is still going on. */
export function splitPartial(
  values: readonly (number | null)[],
  isPartial: boolean,
): { whole: (number | null)[]; going: (number | null)[] } {
  if (!isPartial) return { whole: [...values], going: [] };
  const last = values.length - 1;
  return { whole: values.slice(0, last), going: values.map((value, index) => (index >= last - 1 ? value : null)) };
}
