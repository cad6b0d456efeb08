// @ts-nocheck
// The dashboard: reads the public API while someone looks, and puts what it says on the page.
import { Api, loadConfig } from "./app/api";
import { showStats } from "./app/day";
import { byId } from "./app/dom";
import { instant } from "./app/format";
import { showRealtime, tickFeed } from "./app/live";
import { Poller } from "./app/poll";
import {
  explainToken, hideFreshness, showFreshness, showNotice, showProblem, showSettings, showState,
} from "./app/screen";
import { keepToken, readToken, takeTokenFromAddress } from "./app/session";

const REALTIME_EVERY_MS = 2_000;
const STATS_EVERY_MS = 10_000;
const STALE_AFTER_MS = 10_000;

const answers = { realtime: null, stats: null };
const problems = { realtime: null, stats: null };
let pollers = {};
let receivedAt = null; // performance.now() of the newest realtime answer: ages never depend on this machine's clock

async function main() {
  takeTokenFromAddress();
  let config;
  try {
    config = await loadConfig();
  } catch (problem) {
    showProblem(problem, null);
    showState("error");
    onRetry(() => location.reload());
    return;
  }
  const site = new URLSearchParams(location.search).get("site") ?? config.site;
  const api = new Api(config.apiUrl, site, readToken);
  showSettings(config, site);
  pollers = {
    realtime: pollerFor("realtime", REALTIME_EVERY_MS, (signal) => api.realtime(signal), showRealtime),
    stats: pollerFor("stats", STATS_EVERY_MS, (signal) => api.stats(signal), showStats),
  };
  onRetry(startReading);
  byId("token-form").addEventListener("submit", useTypedToken);
  byId("copy").addEventListener("click", copySnippet);
  window.addEventListener("hashchange", () => takeTokenFromAddress() && startReading());
  setInterval(() => document.hidden || tick(), 1_000);
  if (config.public || readToken()) startReading();
  else askForToken(false);
}

function pollerFor(name, every, read, show) {
  return new Poller({
    read,
    every,
    onAnswer(answer) {
      if (name === "realtime") receivedAt = performance.now();
      answers[name] = answer;
      problems[name] = null;
      show(answer);
      refresh();
    },
    onProblem(problem) {
      problems[name] = problem;
      if (problem.kind === "unauthorised") askForToken(readToken() !== null);
      else refresh();
    },
  });
}

function startReading() {
  problems.realtime = problems.stats = null;
  for (const poller of Object.values(pollers)) poller.start();
  refresh();
}

function askForToken(wasRefused) {
  for (const poller of Object.values(pollers)) poller.stop();
  answers.realtime = answers.stats = null;
  keepToken(null);
  explainToken(wasRefused);
  hideFreshness();
  showNotice(null, null);
  showState("unauthorised");
}

function currentState() {
  const { realtime, stats } = answers;
  const problem = problems.realtime ?? problems.stats;
  if (!realtime && !stats) return problem ? "error" : "loading";
  if (!realtime || !stats) return problem ? "figures" : "loading";
  const isSilent = stats.totals.events === 0 && realtime.recent.length === 0 && realtime.active_visitors === 0;
  return isSilent ? "empty" : "figures";
}

function refresh() {
  byId("live").hidden = answers.realtime === null;
  byId("day").hidden = byId("lists").hidden = answers.stats === null;
  showState(currentState());
  tick();
}

/** What changes with time alone: ages and countdowns. */
function tick() {
  const state = document.body.dataset.now;
  if (state === "unauthorised") return;
  const failing = ["realtime", "stats"].find((name) => problems[name]);
  const problem = failing ? problems[failing] : null;
  const dueAt = failing ? pollers[failing].dueAt : null;
  const dueInMs = dueAt === null ? null : dueAt - performance.now();
  if (state === "error") showProblem(problem, dueInMs);
  showNotice(state === "error" ? null : problem, dueInMs);
  if (!answers.realtime) return;
  const ageMs = performance.now() - receivedAt;
  const serverNow = instant(answers.realtime.now) + ageMs;
  const newest = answers.realtime.meta.fresh_to;
  const sinceEventMs = newest === null ? null : serverNow - instant(newest);
  showFreshness({ ageMs, sinceEventMs, isLive: problem === null && ageMs < STALE_AFTER_MS });
  tickFeed(serverNow);
}

function useTypedToken(event) {
  event.preventDefault();
  keepToken(byId("token").value.trim());
  byId("token").value = "";
  startReading();
}

async function copySnippet() {
  try {
    await navigator.clipboard.writeText(byId("snippet").textContent);
    byId("copy").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(byId("snippet")); // no permission: the person's own copy key does it
  }
}

function onRetry(retry) {
  for (const button of document.querySelectorAll("[data-retry]")) button.addEventListener("click", retry);
}

main();
