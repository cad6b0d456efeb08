// The texts of en.ts in Korean.
import type { Message } from "./messages";
import type { en } from "./en";

export const ko: Readonly<Record<keyof typeof en, Message>> = {
  seconds: "{s}초",
  minutes: "{m}분",
  hours: "{h}시간",
  minutes_seconds: "{m}분 {s}초",
  hours_minutes: "{h}시간 {m}분",
  days_hours: "{d}일 {h}시간",
  seconds_ago: "{n}초 전",
  minutes_ago: "{n}분 전",
  hours_ago: "{n}시간 전",
  days_ago: "{n}일 전",

  name_direct: "직접 방문 / 없음",
  name_unknown: "알 수 없음",
  name_other: "기타",

  count_pageviews: "페이지뷰 {count}회",
  count_visitors: "방문자 {count}명",
  count_sessions: "방문 {count}회",
  count_events: "이벤트 {count}건",
  metric_pageviews: "페이지뷰",
  metric_visitors: "방문자",
  metric_sessions: "방문",
  metric_events: "이벤트",
  metric_bounce_rate: "이탈률",
  metric_avg_duration_s: "방문 시간",
  metric_views_per_session: "방문당 페이지뷰",

  chart_so_far: "집계 중",
  chart_none: "값 없음",
  chart_now: "지금",
  chart_before: "이전: {value}",
  chart_keys: "화살표 키로 값을 하나씩 읽을 수 있습니다.",
  chart_live_summary: "최근 30분, 분당 페이지뷰: 모두 {total}회, 가장 많은 때는 {time}의 {most}회.",
  chart_live_silent: "최근 30분: 페이지뷰가 없습니다.",
  chart_summary: "{label}, {from}부터 {to}까지. 최고: {most}, {time}. 최저: {least}.",
  chart_summary_silent: "{label}, {from}부터 {to}까지: 집계된 값이 없습니다.",
};
