// Events that need no script of the page: links to elsewhere, downloads, and what data-liveinsight-event names.
import type { Props } from "./event";
import { hear } from "./quietly";
import { settings } from "./settings";
import { countView } from "./views";

const PREFIX = "data-liveinsight-";
const FILES = /\.(pdf|doc|xls|ppt|csv|zip|gz|dmg|exe|msi|apk|mp[34])x?$/i;
const RIGHT = 2;

export const watchClicks = (track: (name: unknown, props: Props) => void): void =>
  hear(
    (event) => {
      countView(); // somebody has seen the page: what comes next is no redirect of it
      const element = (event.composedPath()[0] as Element).closest(`a,form,[${PREFIX}event]`) as HTMLAnchorElement | null;
      if (!element || (event as MouseEvent).button == RIGHT || (event.type == "submit") != element.matches("form")) return;
      const props: Props = {};
      for (const { name, value } of element.attributes) {
        const key = name.split(PREFIX)[1];
        if (key) props[key] = value;
      }
      const { event: name, ...rest } = props;
      const { href: url, host, pathname } = element;
      if (name) track(name, rest);
      else if (settings.links == "false" || !/^http/.test(url)) return;
      else if (element.matches("[download]") || FILES.test(pathname)) track("download", { url });
      else if (host != location.host) track("outbound", { url });
    },
    "click",
    "auxclick",
    "submit",
  );
