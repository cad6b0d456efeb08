// @ts-nocheck
// The lower half: totals, series and top lists of the last 24 hours.
import { drawArea } from "./chart";
import { byId, h, redrawWhenChanged, setText } from "./dom";
import {
  capitalised, count, country, dayAndTime, duration, named, percent, plural, ratio, remarks, shortCount, timeOfDay,
} from "./format";

const TOTALS = [
  ["pageviews", "Page views", shortCount],
  ["visitors", "Visitors", shortCount],
  ["sessions", "Sessions", shortCount],
  ["bounce_rate", "Bounce rate", percent],
  ["avg_duration_s", "Visit duration", duration],
  ["views_per_session", "Views per session", ratio],
];

const LISTS = [
  ["pages", "Top pages", "Views", named],
  ["sources", "Sources", "Sessions", named],
  ["devices", "Devices", "Sessions", (name) => capitalised(named(name))],
  ["countries", "Countries", "Sessions", country],
  ["browsers", "Browsers", "Sessions", named],
  ["event_types", "Events", "Count", (name) => (name === "page_view" ? "Page view" : named(name))],
];

export function showStats(stats) {
  showTotals(stats.totals);
  showSeries(stats.series);
  const lists = byId("lists");
  redrawWhenChanged(lists, stats.top, () => lists.replaceChildren(...LISTS.map((list) => topList(list, stats.top))));
  setText("day-note", remarks(stats.meta.warnings));
}

function showTotals(totals) {
  redrawWhenChanged(byId("totals"), totals, () => {
    const figures = TOTALS.map(([key, label, format]) => h("div", {}, h("dt", {}, label), h("dd", {}, format(totals[key]))));
    byId("totals").replaceChildren(...figures);
  });
}

function showSeries(series) {
  if (series.length === 0) return;
  const points = series.map(({ t, pageviews, visitors, partial }) => ({
    value: pageviews,
    second: visitors,
    tip: `${dayAndTime(t)}${partial ? ", so far" : ""}: ${plural(pageviews, "page view", "page views")}, ${plural(visitors, "visitor", "visitors")}`,
  }));
  const busiest = series.reduce((best, hour) => (hour.pageviews > best.pageviews ? hour : best), series[0]);
  const summary = `Page views and visitors per hour. Busiest: ${dayAndTime(busiest.t)} with ${count(busiest.pageviews)} page views.`;
  drawArea(byId("hours"), points, summary);
  redrawWhenChanged(byId("hours-axis"), series.map((hour) => hour.t), () => showAxis(series));
  redrawWhenChanged(byId("hours-table"), series, () => byId("hours-table").replaceChildren(seriesTable(series)));
}

function showAxis(series) {
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => series[Math.round(share * (series.length - 1))]);
  byId("hours-axis").replaceChildren(...marks.map((hour) => h("span", {}, timeOfDay(hour.t))));
}

function seriesTable(series) {
  const row = (hour) => h("tr", {}, h("th", { scope: "row" }, dayAndTime(hour.t)),
    h("td", {}, count(hour.pageviews)), h("td", {}, count(hour.visitors)));
  const heads = ["Hour", "Page views", "Visitors"].map((title) => h("th", { scope: "col" }, title));
  return h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...series.map(row)));
}

function topList([key, title, unit, nameOf], top) {
  const rows = top[key] ?? [];
  const largest = Math.max(1, ...rows.map((row) => row.count));
  const headingId = `top-${key}`;
  const content = rows.length === 0
    ? h("p", { class: "hint" }, "Nothing yet")
    : h("ol", { class: "top" }, ...rows.map((row) => topRow(nameOf(row.name), row.count, largest)));
  return h("section", { class: "card", "aria-labelledby": headingId },
    h("div", { class: "cardhead" }, h("h2", { id: headingId }, title), h("p", { class: "hint", "aria-hidden": true }, unit)),
    content);
}

function topRow(name, total, largest) {
  const share = h("span", { class: "share", "aria-hidden": true });
  share.style.width = `${(total / largest) * 100}%`;
  return h("li", {}, share, h("span", { class: "name", title: name }, name), h("span", { class: "total" }, shortCount(total)));
}
