// The tracker: <script defer src="…/liveinsight.js" data-api="https://…/v1"></script>. No cookies, no storage.
import { watchClicks } from "./clicks";
import { sendAll } from "./delivery";
import { noteVital, ping, watchEngagement } from "./engagement";
import type { Props } from "./event";
import { isIgnored } from "./ignored";
import { hear, quietly } from "./quietly";
import { endpoint, settings, tag } from "./settings";
import { countView, record, watchViews } from "./views";

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
  record(name, props, { interactive: name != "page_view" });
};

const leave = ({ type }: Event): void => {
  const isLast = type == "pagehide";
  if (!isLast && document.visibilityState != "hidden") return;
  countView();
  if (FULL) ping();
  sendAll(isLast);
};

const askForVitals = (): void => {
  const script = document.createElement("script");
  script.src = new URL("liveinsight-vitals.js", tag?.src).href;
  script.nonce = tag?.nonce ?? "";
  document.head.append(script);
};

quietly(() => {
  const before = window.liveinsight;
  if (before?.vital || !endpoint) return;
  const api: Api = (window.liveinsight = quietly(track));
  api.vital = noteVital;
  if (!/^http/.test(location.href) || (FULL && isIgnored())) return;
  const begin = (): void => {
    watchViews();
    if (FULL) {
      watchEngagement();
      watchClicks(track);
      if ("vitals" in settings) quietly(askForVitals)();
    }
    hear(leave, "visibilitychange", "pagehide");
    for (const call of before?.q ?? []) api(...call);
  };
  if (document.prerendering) hear(begin, "prerenderingchange");
  else begin();
})();
