import assert from "node:assert/strict";
import { test } from "node:test";
import { FILTERS, hasOtherThanLive, liveFilters } from "../src/dashboard/dimensions";
import { DEFAULTS, areDays, isOver, parseView, printView, question, rangeParameter, toggleFilter, type View } from "../src/dashboard/view";

const everything: View = {
  site: "shop.example",
  range: { from: "2026-11-01", to: "2026-11-07" },
  isCompared: true,
  metric: "bounce_rate",
  filters: Object.fromEntries(FILTERS.map((name) => [name, `${name} = & # % + 한 "`])),
  lang: "ko",
};

test("a view that was printed is read as it was", () => {
  for (const view of [DEFAULTS, everything, { ...DEFAULTS, range: "30m" } as const, { ...DEFAULTS, filters: { source: "(direct)" } }])
    assert.deepEqual(parseView(printView(view)), view);
});

test("defaults are not said", () => {
  assert.equal(printView(DEFAULTS), "");
  assert.equal(printView({ ...DEFAULTS, range: "7d", filters: { country: "KR" } }), "?range=7d&country=KR");
});

test("what is not understood counts as not said", () => {
  const odd = "?site=&range=fortnight&compare=yes&metric=happiness&page=&colour=red&lang=";
  assert.deepEqual(parseView(odd), DEFAULTS);
  assert.deepEqual(parseView("?from=2026-02-30&to=2026-03-02&range=7d").range, "7d");
  assert.deepEqual(parseView("?from=2026-03-02&to=2026-03-01").range, "24h");
  assert.deepEqual(parseView(`?page=${"x".repeat(3000)}`).filters, {});
  assert.deepEqual(parseView("?page=%E0%A4%A").filters.page?.length, 3); // broken escapes are text as well
});

test("days exist and are in order", () => {
  assert.ok(areDays({ from: "2024-02-29", to: "2024-02-29" }));
  for (const [from, to] of [["2026-02-29", "2026-03-01"], ["2026-1-1", "2026-01-02"], ["", ""], ["2026-01-02", "2026-01-01"]] as const)
    assert.ok(!areDays({ from, to }));
});

test("the last chosen day belongs to the period", () => {
  assert.equal(rangeParameter({ from: "2026-12-30", to: "2026-12-31" }), "2026-12-30,2027-01-01");
  assert.equal(rangeParameter("30d"), "30d");
});

test("metric and language are questions of looks, not of figures", () => {
  assert.equal(question({ ...everything, metric: "visitors", lang: "en" }), question(everything));
  assert.notEqual(question({ ...everything, isCompared: false }), question(everything));
  assert.notEqual(question(toggleFilter(everything, "country", "KR")), question(everything));
});

test("the same value again takes a filter off", () => {
  const filtered = toggleFilter(DEFAULTS, "page", "/pricing");
  assert.deepEqual(filtered.filters, { page: "/pricing" });
  assert.deepEqual(toggleFilter(filtered, "page", "/docs").filters, { page: "/docs" });
  assert.deepEqual(toggleFilter(filtered, "page", "/pricing"), DEFAULTS);
});

test("live figures follow only the filters that their sessions carry", () => {
  assert.deepEqual(liveFilters({ country: "KR", page: "/", source: "news" }), { country: "KR", source: "news" });
  assert.ok(hasOtherThanLive({ country: "KR", page: "/" }));
  assert.ok(!hasOtherThanLive({ device: "mobile" }));
});

test("a period is over when today is not in it", () => {
  assert.ok(isOver("yesterday", "2026-11-26"));
  assert.ok(isOver({ from: "2026-11-01", to: "2026-11-25" }, "2026-11-26"));
  assert.ok(!isOver({ from: "2026-11-01", to: "2026-11-26" }, "2026-11-26"));
  assert.ok(!isOver("7d", "2026-11-26"));
});
