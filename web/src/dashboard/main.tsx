// The dashboard: reads the public API while someone looks, and shows what it says.
import { render } from "preact";
import { App } from "./app";
import { loadConfig, type Config } from "./config";
import { waitAfterFailure } from "./poller";
import { Problem } from "./problem";
import { takeTokenFromAddress } from "./token";

const REALTIME_EVERY_MS = 2_000;
const STATS_EVERY_MS = 10_000;
const OVER_EVERY_MS = 60_000;
const intervals = { realtimeMs: REALTIME_EVERY_MS, statsMs: STATS_EVERY_MS, overMs: OVER_EVERY_MS };

const PATIENCE_MS = 100; // index.html loads the settings along with this script: mostly they are there by now

function show(settings: Config | Problem | null): void {
  const root = document.getElementById("app");
  if (root === null) throw new Error("index.html has no place for the page.");
  render(<App settings={settings} intervals={intervals} />, root);
}

async function settingsOrProblem(): Promise<Config | Problem> {
  try {
    return await loadConfig();
  } catch (problem) {
    if (problem instanceof Problem) return problem;
    throw problem;
  }
}

takeTokenFromAddress();
const waiting = setTimeout(() => show(null), PATIENCE_MS);
void showSettings();

/** Asks again until there are settings, or it is certain that there are none. */
async function showSettings(): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    const settings = await settingsOrProblem();
    clearTimeout(waiting);
    show(settings);
    if (!(settings instanceof Problem) || settings.kind === "misconfigured") return;
    await new Promise((resolve) => setTimeout(resolve, waitAfterFailure(REALTIME_EVERY_MS, failures, null, Math.random())));
  }
}
