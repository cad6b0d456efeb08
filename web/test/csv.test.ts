import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stats } from "../src/dashboard/answers";
import { csv, fileName, listRows, periodRows } from "../src/dashboard/csv";

/** A reader of RFC 4180, written for these tests. */
function read(text: string): string[][] {
  const rows: string[][] = [[]];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|$)/gy;
  while (pattern.lastIndex < text.length) {
    const [, quoted, plain, end] = pattern.exec(text) ?? assert.fail(`no field at ${pattern.lastIndex}`);
    rows.at(-1)?.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
  }
  rows.pop();
  return rows;
}

test("every text comes back as it went in", () => {
  const odd = ["plain", "a,b", 'say "so"', "two\r\nlines", "한국어", "", " spaced "];
  assert.deepEqual(read(csv([odd, odd])), [odd, odd]);
});

test("lines end as RFC 4180 has it, the last one too", () => {
  assert.equal(csv([["a", 1], ["b", null]]), "a,1\r\nb,\r\n");
});

test("no text is a formula to a spreadsheet, and figures stay figures", () => {
  const attacks = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A"];
  for (const [cell] of read(csv(attacks.map((attack) => [attack])))) assert.equal(cell?.charAt(0), "'");
  assert.equal(csv([[-1, 0.25]]), "-1,0.25\r\n");
});

test("a file of the period has totals, series and lists", () => {
  const totals = {
    pageviews: 2, visitors: 1, sessions: 1, events: 3, bounce_rate: null, avg_duration_s: 5, views_per_session: 2, engaged_s: 0,
  };
  const step = { t: 1_763_809_200_000, pageviews: 2, visitors: 1, sessions: 1, events: 3, bounce_rate: null, partial: false };
  const query = { step: "hour", timezone: "UTC" };
  const stats = { query, totals, series: [step], top: { pages: [{ name: "=cmd()", count: 2 }], sources: [] } } as unknown as Stats;
  const rows = read(csv(periodRows(stats)));
  assert.deepEqual(rows[0], ["part", "name", "figure", "value"]);
  assert.deepEqual(rows[1], ["total", "", "pageviews", "2"]);
  assert.deepEqual(rows.find(([part]) => part === "series"), ["series", "2025-11-22T11:00:00.000Z", "pageviews", "2"]);
  assert.deepEqual(rows.at(-1), ["pages", "'=cmd()", "count", "2"]);
  assert.ok(!rows.some(([part]) => part?.startsWith("previous")));

  const compared = { ...stats, comparison: { from: "", to: "", totals, change: {}, series: [step] } };
  const parts = new Set(periodRows(compared).map(([part]) => part));
  assert.deepEqual([...parts], ["part", "total", "previous_total", "series", "previous_series", "pages"]);
});

test("a day is named by its date in the time zone, a step that begins within a day by its moment", () => {
  const named = (step: string, timezone: string, t: string): unknown => {
    const point = { t: Date.parse(t), pageviews: 1, visitors: 1, sessions: 1, events: 1, bounce_rate: null, partial: false };
    const stats = { query: { step, timezone }, totals: {}, series: [point], top: {} } as unknown as Stats;
    return periodRows(stats)[1]?.[1];
  };
  assert.equal(named("day", "Asia/Seoul", "2026-11-25T15:00:00Z"), "2026-11-26");
  assert.equal(named("day", "Asia/Kolkata", "2026-11-25T18:00:00Z"), "2026-11-26");
  assert.equal(named("day", "Asia/Seoul", "2026-11-25T18:00:00Z"), "2026-11-25T18:00:00.000Z");
  assert.equal(named("hour", "Asia/Seoul", "2026-11-25T15:00:00Z"), "2026-11-25T15:00:00.000Z");
});

test("a list is names and counts", () => {
  assert.equal(csv(listRows("countries", [{ name: "KR", count: 3 }])), "countries,count\r\nKR,3\r\n");
  const encoded = { name: "/%ED%95%9C", count: 1 };
  assert.equal(csv(listRows("exit_pages", [encoded])), "exit_pages,count\r\n/한,1\r\n");
  assert.equal(csv(listRows("utm_term", [encoded])), "utm_term,count\r\n/%ED%95%9C,1\r\n");
});

test("file names are of characters that every system takes", () => {
  assert.equal(fileName("shop.example", "2026-11-01 2026-11-02"), "liveinsight shop.example 2026-11-01 2026-11-02.csv");
  assert.equal(fileName('../a\\b:"c"'), "liveinsight ..-a-b-c-.csv");
});
