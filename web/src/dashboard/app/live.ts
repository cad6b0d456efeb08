// @ts-nocheck
// The upper half: who is here now, the last thirty minutes, and the feed of recent events.
import { drawBars } from "./chart";
import { byId, h, redrawWhenChanged, setText } from "./dom";
import { ago, count, country, hostOf, instant, pathOf, plural, remarks, timeOfDay } from "./format";

export function showRealtime(realtime) {
  setText("active-visitors", count(realtime.active_visitors));
  setText("active-sessions", plural(realtime.active_sessions, "open session", "open sessions"));
  const views = plural(realtime.pageviews_30m, "page view", "page views");
  const visitors = plural(realtime.visitors_30m, "visitor", "visitors");
  setText("half-hour", `${views}, ${visitors}`);
  drawBars(byId("minutes"), realtime.series.map(minute), `Page views per minute of the last 30 minutes: ${views} by ${visitors}.`);
  setText("live-note", remarks(realtime.meta.warnings));
  showFeed(realtime.recent);
}

function minute({ t, pageviews, visitors, partial }) {
  const tip = `${timeOfDay(t)}${partial ? ", so far" : ""}: ${plural(pageviews, "page view", "page views")}, ${plural(visitors, "visitor", "visitors")}`;
  return { value: pageviews, partial: Boolean(partial), tip };
}

let known = null; // keys of the events shown before; null until the first answer, which is not news

function showFeed(events) {
  byId("recent").hidden = events.length === 0;
  redrawWhenChanged(byId("feed"), events, () => {
    byId("feed").replaceChildren(...events.map((event) => feedLine(event, known !== null && !known.has(keyOf(event)))));
    known = new Set(events.map(keyOf));
  });
}

const keyOf = (event) => JSON.stringify(event);

function feedLine(event, isNew) {
  const isView = event.event_type === "page_view";
  const details = [event.referrer && hostOf(event.referrer), event.country && country(event.country), event.device].filter(Boolean).join(" · ");
  return h("li", { class: isNew ? "new" : null },
    h("time", { datetime: new Date(instant(event.epoch_ms)).toISOString() }, ""),
    h("span", { class: isView ? "kind" : "kind custom" }, isView ? "viewed" : event.event_type),
    h("span", { class: "page", title: event.page_url }, pathOf(event.page_url)),
    h("span", { class: "details" }, details));
}

/** Keeps "12 s ago" true between answers; nowMs is the server's clock. */
export function tickFeed(nowMs) {
  for (const time of byId("feed").querySelectorAll("time")) {
    const text = ago(nowMs - Date.parse(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
}
