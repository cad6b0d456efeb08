// The tracker: <script defer src="…/liveinsight.js" data-api="https://…/v1"></script>. No cookies, no storage.
import { watchClicks } from "./clicks";
import { sendAll } from "./delivery";
import { noteVital, ping, watchEngagement } from "./engagement";
import type { Props } from "./event";
import { isIgnored } from "./ignored";
import { hear, quietly } from "./quietly";
import { endpoint, settings, tag } from "./settings";
import { track } from "./track";
import { countView, watchViews } from "./views";

interface Api {
  (name?: unknown, props?: Props): void;
  /** Calls from before the tracker was there. */
  q?: Iterable<unknown>[];
  /** For liveinsight-vitals.js; its presence also says that a tracker runs. */
  vital?: (name: string, value: number) => void;
}

declare global {
  interface Window {
    liveinsight?: Api;
  }
  interface Navigator {
    globalPrivacyControl?: boolean;
  }
  interface Document {
    prerendering?: boolean;
  }
}

const leave = ({ type }: Event): void => {
  const isLast = type == "pagehide";
  countView();
  if (FULL) ping(true);
  if (isLast || document.hidden) sendAll(isLast);
};

const before = window.liveinsight;
const api: Api = quietly(track);

const begin = (): void => {
  watchViews();
  hear(leave, "visibilitychange", "pagehide");
  if (FULL) {
    watchEngagement();
    watchClicks();
  }
  before?.q?.forEach((call) => api(...call));
  if (!FULL || !("vitals" in settings)) return;
  const src = tag.src.replace("ht.js", "ht-vitals.js");
  tag.after(Object.assign(document.createElement("script"), { src }));
};

quietly(() => {
  if (before?.vital || !endpoint) return;
  window.liveinsight = api;
  api.vital = noteVital;
  if (FULL && isIgnored()) return;
  if (document.prerendering) hear(begin, "prerenderingchange");
  else begin();
})();
