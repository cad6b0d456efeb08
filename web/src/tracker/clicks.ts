// Events that need no script of the page: links to elsewhere, downloads, and what data-liveinsight-event names.
import type { Props } from "./event";
import { hear } from "./quietly";
import { settings } from "./settings";

const PREFIX = "data-liveinsight-";
const FILES = /\.(pdf|docx?|xlsx?|pptx?|csv|zip|7z|gz|dmg|exe|msi|apk|epub|mp[34])$/i;

export const watchClicks = (track: (name: string, props: Props) => void): void =>
  hear(
    (event) => {
      const selector = event.type == "submit" ? "form" : `a,[${PREFIX}event]:not(form)`;
      const element = (event.composedPath()[0] as Element).closest(selector);
      if ((event as MouseEvent).button == 2 || !element) return;
      const props: Props = {};
      for (const { name, value } of element.attributes) {
        const key = name.split(PREFIX)[1];
        if (key) props[key] = value;
      }
      const { event: name, ...rest } = props;
      if (name) return track(name as string, rest);
      const { href: url, host, pathname } = element as HTMLAnchorElement;
      if (settings.links == "false" || !/^http/.test(url)) return;
      if (element.matches("[download]") || FILES.test(pathname)) track("download", { url });
      else if (host != location.host) track("outbound_link", { url });
    },
    "click",
    "auxclick",
    "submit",
  );
