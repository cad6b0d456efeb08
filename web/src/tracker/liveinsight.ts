// The tracker: <script defer src="…/liveinsight.js" data-api="https://…/v1"></script>. No cookies, no storage.
import { watchClicks } from "./clicks";
import { sendAll } from "./delivery";
import { noteVital, ping, watchEngagement } from "./engagement";
import type { Props } from "./event";
import { isIgnored } from "./ignored";
import { hear, quietly } from "./quietly";
import { endpoint, neighbour, settings } from "./settings";
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
  record(name, props, name == "page_view" ? undefined : { interactive: true });
};

const leave = ({ type }: Event): void => {
  const isLast = type == "pagehide";
  if (!isLast && document.visibilityState != "hidden") return;
  countView();
  if (FULL) ping();
  sendAll(isLast);
};

const start = (): void => {
  watchViews();
  if (FULL) {
    watchEngagement();
    watchClicks(track);
    if ("vitals" in settings && Math.random() * 100 < (Number(settings.vitals) || 100)) document.head.append(neighbour("liveinsight-vitals.js"));
  }
  hear("visibilitychange", leave);
  hear("pagehide", leave);
};

quietly(() => {
  const early = window.liveinsight;
  if (!endpoint || early?.vital) return;
  const isCounting = /^http/.test(location.protocol) && !(FULL && isIgnored());
  const api: Api = (window.liveinsight = isCounting ? quietly(track) : () => {});
  api.vital = noteVital;
  if (!isCounting) return;
  const begin = quietly(() => {
    start();
    for (const call of early?.q ?? []) api(...call);
  });
  if (document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
})();
