// @ts-nocheck
// Which of the page's states is on the screen, and what it says about freshness and trouble.
import { byId, setText } from "./dom";
import { ago, plural } from "./format";

const HEADINGS = {
  throttled: "The API is busy",
  unavailable: "The API has trouble",
  unreachable: "The API does not answer",
  refused: "The API refused the question",
  misconfigured: "This page is not set up",
};

/** state: "loading" | "unauthorised" | "error" | "empty" | "figures". */
export function showState(state) {
  if (document.body.dataset.now === state) return;
  document.body.dataset.now = state;
  for (const element of document.querySelectorAll("[data-state]")) element.hidden = element.dataset.state !== state;
  if (state === "unauthorised") byId("token").focus();
}

export function showSettings(config, site) {
  setText("site", site ?? "All sites");
  setText("heading-site", site ?? "all sites");
  setText("environment", config.environment ?? "");
  byId("environment").hidden = !config.environment;
  setText("token-file", `.liveinsight/${config.environment ?? "<environment>"}/read-token`);
  setText("snippet", trackerSnippet(config));
}

function trackerSnippet({ apiUrl, site }) {
  const quoted = (value) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const script = new URL("liveinsight.js", document.baseURI).href;
  const siteSetting = site ? ` data-site="${quoted(site)}"` : "";
  return `<script defer src="${quoted(script)}"\n  data-api="${quoted(new URL(apiUrl, document.baseURI).href)}"${siteSetting}></script>`;
}

export function explainToken(wasRefused) {
  const reason = wasRefused ? "The API did not accept this token. It may have been rotated." : null;
  setText("token-reason", reason ?? "Open the link that liveinsight deploy printed, or paste the token here.");
}

/** The whole-page error; dueInMs: when the next attempt starts, null when none is planned. */
export function showProblem(problem, dueInMs) {
  setText("error-heading", HEADINGS[problem.kind] ?? "Something went wrong");
  setText("error-text", problem.message);
  const isSetup = problem.kind === "misconfigured";
  setText("error-next", isSetup ? "Run liveinsight deploy: it writes the settings of this page." : nextAttempt(dueInMs));
}

/** One line over the figures while there is a problem; the figures stay. */
export function showNotice(problem, dueInMs) {
  byId("notice").hidden = problem === null;
  setText("notice-text", problem?.message ?? "");
  setText("notice-next", problem ? nextAttempt(dueInMs) : ""); // not in the live region: a countdown is not read aloud
}

function nextAttempt(dueInMs) {
  if (dueInMs === null) return "Trying again …";
  return `Trying again in ${plural(Math.max(1, Math.ceil(dueInMs / 1000)), "second", "seconds")}.`;
}

/** ageMs: since the last answer; sinceEventMs: since the newest event in it, null when there is none. */
export function showFreshness({ ageMs, sinceEventMs, isLive }) {
  byId("freshness").hidden = false;
  byId("freshness").classList.toggle("stale", !isLive);
  setText("freshness-text", `as of ${ago(ageMs)}${sinceEventMs === null ? "" : `, last event ${ago(sinceEventMs)}`}`);
}

export function hideFreshness() {
  byId("freshness").hidden = true;
}
