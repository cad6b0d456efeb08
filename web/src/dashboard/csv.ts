// Comma-separated values by RFC 4180, with nothing in them that a spreadsheet would take for a formula.
import { METRICS } from "./view";
import type { Counted, Stats, Step, Totals } from "./answers";

export type Cell = string | number | null;

export function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => row.map(field).join(",") + "\r\n").join("");
}

function field(cell: Cell): string {
  if (cell === null) return "";
  const text = typeof cell === "number" ? String(cell) : withoutFormula(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet runs what begins with these; an apostrophe before them makes it text. */
const withoutFormula = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** All that the page says of a period, one figure a line: what it is of, of which name or moment, its name, its value. */
export function periodRows(stats: Stats): Cell[][] {
  const { totals, comparison, series, top } = stats;
  return [
    ["part", "name", "figure", "value"],
    ...totalRows("total", totals),
    ...(comparison ? totalRows("previous_total", comparison.totals) : []),
    ...stepRows("series", series),
    ...stepRows("previous_series", comparison?.series ?? []),
    ...Object.entries(top).flatMap(([list, rows = []]) => rows.map(({ name, count }) => [list, name, "count", count])),
  ];
}

function totalRows(part: string, totals: Totals): Cell[][] {
  return Object.entries(totals).map(([figure, value]) => [part, "", figure, value]);
}

function stepRows(part: string, series: readonly Step[]): Cell[][] {
  return series.flatMap((step) => METRICS.map((metric) => [part, new Date(step.t).toISOString(), metric, step[metric]]));
}

export function listRows(list: string, rows: readonly Counted[]): Cell[][] {
  return [[list, "count"], ...rows.map(({ name, count }): Cell[] => [name, count])];
}

/** "liveinsight example.com 24h.csv", of characters that every file system takes. */
export function fileName(...parts: readonly string[]): string {
  const text = ["liveinsight", ...parts].join(" ").replace(/[^\p{L}\p{N}._ -]+/gu, "-");
  return `${text.slice(0, 120)}.csv`;
}
