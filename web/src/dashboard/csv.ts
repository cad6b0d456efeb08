// Comma-separated values by RFC 4180, with nothing in them that a spreadsheet would take for a formula.
import { isOfAddresses, readable } from "./names";
import { METRICS } from "./view";
import type { Counted, Stats, StatsQuery, Step, Totals } from "./answers";
import { beginsDay, dayOf, inDay } from "./days";

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
const withoutFormula = (text: string): string => (/^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text);

/** All that the page says of a period, one figure a line: what it is of, of which name or moment, its name, its value. */
export function periodRows(stats: Stats): Cell[][] {
  const { query, totals, comparison, series, top } = stats;
  return [
    ["part", "name", "figure", "value"],
    ...totalRows("total", totals),
    ...(comparison ? totalRows("previous_total", comparison.totals) : []),
    ...stepRows("series", series, query),
    ...stepRows("previous_series", comparison?.series ?? [], query),
    ...Object.entries(top).flatMap(([list, rows = []]) => listCells(list, rows).map(([name, count]) => [list, name, "count", count])),
  ];
}

function totalRows(part: string, totals: Totals): Cell[][] {
  return Object.entries(totals).map(([figure, value]) => [part, "", figure, value]);
}

function stepRows(part: string, series: readonly Step[], { step, timezone }: StatsQuery): Cell[][] {
  const name = (t: number) => (step === "day" && beginsDay(t, timezone) ? dayOf(inDay(t), timezone) : new Date(t).toISOString());
  return series.flatMap((point) => METRICS.map((metric) => [part, name(point.t), metric, point[metric]]));
}

export function listRows(list: string, rows: readonly Counted[]): Cell[][] {
  return [[list, "count"], ...listCells(list, rows)];
}

function listCells(list: string, rows: readonly Counted[]): [string, number][] {
  const shown = isOfAddresses(list) ? readable : (name: string) => name;
  return rows.map(({ name, count }) => [shown(name), count]);
}

/** "liveinsight example.com 24h.csv", of characters that every file system takes. */
export function fileName(...parts: readonly string[]): string {
  const text = ["liveinsight", ...parts].join(" ").replace(/[^\p{L}\p{N}._ -]+/gu, "-");
  return `${text.slice(0, 120)}.csv`;
}
