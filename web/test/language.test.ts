import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFor } from "../src/dashboard/format";
import { en } from "../src/dashboard/i18n/en";
import { ko } from "../src/dashboard/i18n/ko";
import type { Message } from "../src/dashboard/i18n/messages";
import { chooseLanguage, localeOf, translator } from "../src/dashboard/i18n/translate";

const asked = (text: string) => new URLSearchParams(text);

test("the address decides the language, then the browser, then English", () => {
  assert.equal(chooseLanguage(asked("lang=ko"), ["en-US"]), "ko");
  assert.equal(chooseLanguage(asked("lang=EN-gb"), ["ko-KR"]), "en");
  assert.equal(chooseLanguage(asked("lang=xx"), ["de-DE", "ko-KR", "en"]), "ko");
  assert.equal(chooseLanguage(asked(""), ["de-DE", "fr"]), "en");
  assert.equal(chooseLanguage(asked(""), []), "en");
});

test("dates and numbers follow the browser's variety of the language", () => {
  assert.equal(localeOf("en", ["ko-KR", "en-GB"]), "en-GB");
  assert.equal(localeOf("ko", ["en-GB"]), "ko");
});

test("one is not many", () => {
  const t = translator("en");
  assert.equal(t("count_visitors", { count: 1 }), "1 visitor");
  assert.equal(t("count_visitors", { count: 0 }), "0 visitors");
  assert.equal(t("count_visitors", { count: 1234 }), "1,234 visitors");
  assert.equal(translator("ko")("count_visitors", { count: 1 }), "방문자 1명");
});

test("a value is put in as it is, braces and dollars too", () => {
  assert.equal(translator("en")("chart_before", { value: "$& {value}" }), "before: $& {value}");
});

const textsOf = (message: Message) => (typeof message === "string" ? [message] : [message.one ?? "", message.other]);
const namesIn = (message: Message) => new Set(textsOf(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []));
/** Units may be padded in one language and not in the other. */
const single = (names: Set<string>) => new Set([...names].map((name) => name.replace(/(\w)\1/, "$1")));

test("both languages fill in the same values, and no text is missing", () => {
  for (const key of Object.keys(en) as (keyof typeof en)[]) {
    assert.deepEqual([...single(namesIn(ko[key]))].sort(), [...single(namesIn(en[key]))].sort(), key);
    assert.ok(textsOf(ko[key]).at(-1)?.trim(), key);
  }
});

const english = formatFor("en-US", translator("en"));
const korean = formatFor("ko", translator("ko"));

test("durations", () => {
  const rows = [
    [0, "0s", "0초"],
    [59.6, "1m 00s", "1분 0초"],
    [64, "1m 04s", "1분 4초"],
    [3_725, "1h 02m", "1시간 2분"],
    [200_000, "2d 07h", "2일 7시간"],
  ] as const;
  for (const [seconds, inEnglish, inKorean] of rows) {
    assert.equal(english.duration(seconds), inEnglish);
    assert.equal(korean.duration(seconds), inKorean);
  }
  assert.equal(english.duration(null), "–");
});

test("ages", () => {
  assert.equal(english.ago(-400), "0 s ago");
  assert.equal(english.ago(3_000), "3 s ago");
  assert.equal(korean.ago(90_000), "2분 전");
  assert.equal(english.ago(7_200_000), "2 h ago");
  assert.equal(english.ago(50 * 3_600_000), "2 d ago");
});

test("numbers", () => {
  assert.equal(english.count(1_234_567), "1,234,567");
  assert.equal(english.shortCount(9_999), "9,999");
  assert.equal(english.shortCount(1_234_567), "1.23M");
  assert.equal(korean.shortCount(1_234_567), "123만");
  assert.equal(english.percent(0.417), "42%");
  assert.equal(english.change(0.25), "+25%");
  assert.equal(english.change(-0.031), "-3%");
  assert.equal(english.change(0), "0%");
  assert.equal(english.count(null), "–");
  assert.equal(english.decimal(2.142), "2.1");
});

test("moments are told in the chosen time zone", () => {
  const moment = Date.UTC(2026, 10, 26, 20, 5);
  assert.equal(english.moment(moment, "hour", "UTC"), "Thu, Nov 26, 20:05");
  assert.equal(english.moment(Date.UTC(2026, 10, 26, 15), "day", "Asia/Seoul"), "Fri, Nov 27, 2026");
  assert.equal(korean.moment(moment, "minute", "Asia/Seoul"), "(금) 05:05");
  assert.equal(english.tick(moment, "day", "America/New_York"), "Nov 26");
  assert.equal(korean.tick(moment, "day", "Asia/Seoul"), "11월 27일");
  assert.equal(korean.days(Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 26), "UTC").includes("2026년 11월 1일"), true);
});

test("names of countries and what the API writes in parentheses", () => {
  assert.equal(english.country("KR"), "South Korea");
  assert.equal(korean.country("KR"), "대한민국");
  assert.equal(english.country("(unknown)"), "Unknown");
  assert.equal(english.name("(direct)"), "Direct / none");
  assert.equal(english.name("constructor"), "constructor");
});
