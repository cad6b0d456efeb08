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
  record(name, props, { interactive: name != "page_view" });
};

const leave = ({ type }: Event): void => {
  const isLast = type == "pagehide";
  countView();
  if (FULL) ping(true);
  if (isLast || document.hidden) sendAll(isLast);
};

const begin = (early: IArguments[] = []): void => {
  watchViews();
  hear(leave, "visibilitychange", "pagehide");
  if (FULL) {
    watchEngagement();
    watchClicks(track);
  }
  for (const [name, props] of early) window.liveinsight?.(name, props);
  if (!FULL || !("vitals" in settings)) return;
  const src = tag.src.replace(/[^/]*$/, "liveinsight-vitals.js");
  document.head.append(Object.assign(document.createElement("script"), { src, nonce: tag.nonce }));
};

quietly(() => {
  const before = window.liveinsight;
  if (before?.vital || !endpoint) return;
  (window.liveinsight = quietly(track) as Api).vital = noteVital;
  if (!/^http/.test(location.href) || (FULL && isIgnored())) return;
  const beginOnce = (): void => begin(before?.q);
  if (document.prerendering) hear(beginOnce, "prerenderingchange");
  else beginOnce();
})();
