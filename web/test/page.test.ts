import assert from "node:assert/strict";
import { test } from "node:test";
import type { Realtime, Stats } from "../src/dashboard/answers";
import { readConfig } from "../src/dashboard/config";
import { speak } from "../src/dashboard/i18n/language";
import { hostOf, nameOf, pathOf, readable } from "../src/dashboard/names";
import { waitAfterFailure } from "../src/dashboard/poller";
import { Problem, problemOf, type ProblemKind } from "../src/dashboard/problem";
import type { Reading } from "../src/dashboard/reading";
import { reasonsOf } from "../src/dashboard/reasons";
import { refusalText } from "../src/dashboard/refusals";
import { sharedLink } from "../src/dashboard/share";
import { situationOf } from "../src/dashboard/situation";
import { trackerSnippet } from "../src/dashboard/snippet";
import { tokenIn } from "../src/dashboard/token";
import { DEFAULTS, parseView } from "../src/dashboard/view";

test("waits double, stay below a minute, and are never shorter than the server asked for", () => {
  assert.deepEqual([1, 2, 3].map((failures) => waitAfterFailure(2_000, failures, null, 0)), [4_000, 8_000, 16_000]);
  assert.equal(waitAfterFailure(10_000, 20, null, 0), 60_000);
  assert.equal(waitAfterFailure(2_000, 1, 90, 0), 90_000);
  assert.equal(waitAfterFailure(2_000, 1, 40, 1), 50_000); // spread over a quarter more
});

test("settings without an address of the API are none", () => {
  for (const said of [null, 3, "x", [], {}, { apiUrl: 3 }]) assert.equal(readConfig(said), null);
  const least = { apiUrl: "/a", readUrl: "/a", environment: null, isPublic: false, site: null };
  assert.deepEqual(readConfig({ apiUrl: "/a", public: "yes", site: "" }), least);
  const all = { apiUrl: "https://api.example/v1", readUrl: "/", environment: "dev", public: true, site: "s" };
  assert.deepEqual(readConfig(all), { apiUrl: all.apiUrl, readUrl: "/", environment: "dev", isPublic: true, site: "s" });
});

const answered = (status: number, error?: object, headers?: HeadersInit) =>
  problemOf(new Response(error ? JSON.stringify({ error }) : "<html>", { status, headers: headers ?? {} }));

test("answers that are errors are told apart", async () => {
  const kinds: [number, object | undefined, ProblemKind][] = [
    [401, undefined, "unauthorised"], [403, { code: "forbidden" }, "refused"], [429, undefined, "throttled"], [500, undefined, "unavailable"],
    [503, undefined, "unavailable"], [404, undefined, "refused"], [400, { code: "invalid_field", message: "limit" }, "refused"],
    [400, { code: "filter_out_of_reach", message: "no" }, "out_of_reach"],
  ];
  for (const [status, error, kind] of kinds) assert.equal((await answered(status, error)).kind, kind, String(status));
  assert.equal((await answered(429, undefined, { "Retry-After": "7" })).retryAfterS, 7);
  assert.equal((await answered(429, undefined, { "Retry-After": "Thu, 26 Nov 2026" })).retryAfterS, null);
  assert.equal((await answered(400, { code: "x", message: "limit must be a number." })).told, "limit must be a number.");
});

test("why a question is refused is told in the reader's language, and in the API's where the page does not know", async () => {
  const korean = speak("ko", ["ko"]).t;
  const text = async (error: object) => refusalText((await answered(400, error)).refusal, korean);
  for (const field of ["range", "timezone", "site", "source"])
    assert.match((await text({ code: "invalid_field", field, message: "English." })) ?? "", /[가-힣]/, field);
  for (const code of ["site_not_allowed", "origin_not_allowed"]) assert.match((await text({ code })) ?? "", /[가-힣]/, code);
  assert.equal(await text({ code: "invalid_field", field: "limit" }), null);
  assert.equal(await text({ code: "brand_new", field: "range" }), null);
});

test("a token comes without what chats put around it", () => {
  assert.equal(tokenIn(" abc\u200b\n"), "abc");
  assert.equal(tokenIn("토큰"), null);
});

test("a shared link has the view, and the token only behind the #", () => {
  const view = { ...DEFAULTS, filters: { page: "/a b" } };
  const link = new URL(sharedLink("https://stats.example/index.html?range=7d#old", view, "a+b/c&d"));
  assert.equal(link.search, "?page=%2Fa+b");
  assert.equal(new URLSearchParams(link.hash.slice(1)).get("token"), "a+b/c&d");
  assert.equal(sharedLink("https://stats.example/", DEFAULTS, null), "https://stats.example/");
});

test("the snippet cannot be broken out of", () => {
  const config = { apiUrl: "https://api.example/v1", readUrl: "/", environment: null, isPublic: false, site: 'a"><script>&' };
  const snippet = trackerSnippet(config, "https://cdn.example/x/index.html");
  assert.ok(snippet.includes('src="https://cdn.example/x/liveinsight.js"'));
  assert.ok(snippet.includes('data-site="a&quot;><script>&amp;"'));
});

test("names are translated where they are ours, and kept where they are a visitor's", () => {
  const english = speak("en", ["en"]);
  const korean = speak("ko", ["ko"]);
  assert.equal(nameOf("device", "mobile", english), "Mobile");
  assert.equal(nameOf("event_type", "page_view", korean), "페이지뷰");
  assert.equal(nameOf("page", "mobile", english), "mobile");
  assert.equal(nameOf("event_type", "constructor", english), "constructor");
  assert.equal(nameOf("source", "(direct)", korean), "직접 방문 / 없음");
  assert.equal(pathOf("https://www.example.com/a?b"), "/a");
  assert.equal(pathOf("no address"), "no address");
  assert.equal(hostOf("https://www.example.com/a"), "example.com");
});

test("addresses are shown as people write them, and nothing hides in them", () => {
  assert.equal(readable("/%EB%B8%94%EB%A1%9c%EA%B7%B8/caf%C3%A9/%F0%9F%98%80"), "/블로그/café/😀");
  assert.equal(readable("/a%20b%2Fc%3F%25"), "/a%20b%2Fc%3F%25");
  assert.equal(readable("/%EB%B8%94%EB%A1"), "/블%EB%A1"); // cut amid a character
  assert.equal(readable("/%C0%AF%ED%A0%80%ff%"), "/%C0%AF%ED%A0%80%ff%"); // no UTF-8
  assert.equal(readable("/%E2%80%AE%C2%A0"), "/%E2%80%AE%C2%A0"); // turns the text, and a blank
  assert.equal(nameOf("entry_page", "/%ED%95%9C", speak("en")), "/한");
  assert.equal(nameOf("utm_term", "%ED%95%9C", speak("en")), "%ED%95%9C");
  assert.equal(pathOf("https://shop.example/한?x"), "/한");
});

test("reasons are told in the reader's language, unknown ones in the API's words", () => {
  const meta = {
    fresh_to: null, complete: true, exact: false, warnings: ["one", "two", "three"],
    reasons: [{ code: "visitors_estimated", error: 0.0325 }, { code: "brand_new" }],
  };
  assert.deepEqual(reasonsOf(meta, speak("ko", ["ko"]), "UTC"), ["방문자는 추정치입니다(표준 오차 3.3%).", "Two.", "Three."]);
  const { reasons: _, ...older } = meta;
  assert.deepEqual(reasonsOf(older, speak("ko", ["ko"]), "UTC"), ["One.", "Two.", "Three."]);
});

test("what is cut says from when on it is whole, in the time zone", () => {
  const meta = {
    fresh_to: null, complete: false, exact: true, warnings: ["cut", "all"],
    reasons: [{ code: "lists_cut", events: 25_000, from_ms: Date.UTC(2026, 10, 26, 3, 5) }, { code: "series_unfiltered" }],
  };
  const [cut, all] = reasonsOf(meta, speak("en", ["en-GB"]), "Asia/Seoul");
  assert.match(cut ?? "", /lists begin at Thu,? 26 Nov,? 12:05 \(the newest 25,000 events\)/);
  assert.match(all ?? "", /of all visits/);
  assert.match(reasonsOf(meta, speak("ko", ["ko"]), "Asia/Seoul").join(" "), /12:05부터 .*25,000건.* 전체 방문/);
});

const reading = <Answer>(answer: Answer | null, changes: Partial<Reading<Answer>> = {}): Reading<Answer> => ({
  answer, isOld: false, madeAt: 0, problem: null, dueAt: () => null, retry: () => {}, ...changes,
});

test("the page waits, fails, is empty or shows figures", () => {
  const silentLive = { recent: [], active_visitors: 0 } as unknown as Realtime;
  const silent = { totals: { events: 0 }, query: { known_sites: ["old.example"] } } as unknown as Stats;
  const busy = { totals: { events: 3 }, query: { known_sites: [] } } as unknown as Stats;
  const problem = new Problem("unreachable");
  const at = (site: string | null, stats: Reading<Stats>, live = reading(silentLive), view = DEFAULTS) => situationOf(view, site, live, stats);

  assert.equal(at(null, reading<Stats>(null), reading<Realtime>(null)), "loading");
  assert.equal(at(null, reading<Stats>(null, { problem }), reading<Realtime>(null)), "error");
  assert.equal(at(null, reading<Stats>(null, { problem })), "figures");
  assert.equal(at(null, reading(silent)), "figures"); // visited once, silent now
  assert.equal(at("old.example", reading(silent)), "figures");
  assert.equal(at("new.example", reading(silent)), "empty");
  assert.equal(at("new.example", reading(silent, { isOld: true })), "figures");
  assert.equal(at("new.example", reading(silent), reading(silentLive), { ...DEFAULTS, filters: { page: "/" } }), "figures");
  assert.equal(at("new.example", reading(busy)), "figures");
});

test("a site has one name, whoever wrote the link", () => {
  assert.equal(parseView("?site=WWW.Shop.Example").site, "shop.example");
  assert.equal(parseView("?site=+").site, null);
});
