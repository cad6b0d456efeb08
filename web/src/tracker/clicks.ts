// Events that need no script of the page: links to elsewhere, downloads, and what data-liveinsight-event names.
import type { Props } from "./event";
import { hear } from "./quietly";
import { settings } from "./settings";

const PREFIX = "data-liveinsight-";
const FILES = /\.(pdf|docx?|xlsx?|pptx?|csv|zip|7z|gz|dmg|exe|msi|apk|epub|mp[34])$/i;

type Track = (name: string, props: Props) => void;

const named = (element: Element, name: string, track: Track): void => {
  const props: Props = {};
  for (const attribute of element.attributes) {
    const [, key] = attribute.name.split(PREFIX);
    if (key && key != "event") props[key] = attribute.value;
  }
  track(name, props);
};

const linked = ({ href, host, pathname, download }: HTMLAnchorElement, track: Track): void => {
  if (settings.links == "false" || !/^http/.test(href)) return;
  if (download || FILES.test(pathname)) track("download", { url: href });
  else if (host != location.host) track("outbound_link", { url: href });
};

export const watchClicks = (track: Track): void =>
  hear(
    ({ type, target, button }: Event & { button?: number }) => {
      const element = (target as Element).closest(type == "submit" ? "form" : `a,[${PREFIX}event]:not(form)`);
      const name = element?.getAttribute(PREFIX + "event");
      if (button == 2 || !element) return;
      if (name) named(element, name, track);
      else linked(element as HTMLAnchorElement, track);
    },
    "click",
    "auxclick",
    "submit",
  );
