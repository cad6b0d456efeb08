// The tracker: <script defer src="…/liveinsight.js" data-api="https://…/v1"></script>. No cookies, no storage.
import { watchClicks } from "./clicks";
import { sendAll } from "./delivery";
import { noteVital, ping, watchEngagement } from "./engagement";
import { record, type Props } from "./event";
import { isIgnored } from "./ignored";
import { hear, quietly } from "./quietly";
import { endpoint, settings, tag } from "./settings";
import { countView, watchViews } from "./views";

interface Api {
  (name?: unknown, props?: Props): void;
  /** Calls from before the tracker was there. */
  q?: IArguments[];
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

const track = (name?: unknown, props?: Props): void => {
  if (!name) return;
  countView();
  record(name, props, { interactive: true });
};

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
    watchClicks(track);
  }
  before?.q?.forEach((call) => api(...call));
  if (!FULL || !("vitals" in settings)) return;
  const src = tag.src.replace("ht.js", "ht-vitals.js");
  document.head.append(Object.assign(document.createElement("script"), { src }));
};

quietly(() => {
  if (before?.vital || !endpoint) return;
  window.liveinsight = api;
  api.vital = noteVital;
  if (FULL && isIgnored()) return;
  if (document.prerendering) hear(begin, "prerenderingchange");
  else begin();
})();
