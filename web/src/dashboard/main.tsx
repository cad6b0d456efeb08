// The dashboard: reads the public API while someone looks, and shows what it says.
import { render } from "preact";
import { App } from "./app";
import { loadConfig } from "./config";
import { takeTokenFromAddress } from "./token";

const REALTIME_EVERY_MS = 2_000;
const STATS_EVERY_MS = 10_000;
const OVER_EVERY_MS = 60_000;

takeTokenFromAddress();
const settings = loadConfig(); // on its way before anything is drawn
const intervals = { realtimeMs: REALTIME_EVERY_MS, statsMs: STATS_EVERY_MS, overMs: OVER_EVERY_MS };
const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no place for the page.");
render(<App settings={settings} intervals={intervals} />, root);
