// Events that need no script of the page: links to elsewhere, downloads, and what data-liveinsight-event names.
import type { Props } from "./event";
import { hear } from "./quietly";
import { settings } from "./settings";

const PREFIX = "data-liveinsight-";
const FILES = /\.(pdf|docx?|xlsx?|pptx?|csv|txt|rtf|zip|rar|7z|gz|tgz|dmg|pkg|exe|msi|apk|deb|rpm|iso|mp3|wav|mp4|mov|avi|mkv|epub)$/i;

type Track = (name: string, props: Props) => void;

const named = (element: Element, name: string, track: Track): void => {
  const props: Props = {};
  for (const attribute of element.attributes)
    if (attribute.name.startsWith(PREFIX)) props[attribute.name.slice(PREFIX.length)] = attribute.value;
  delete props.event;
  track(name, props);
};

const linked = ({ href, protocol, host, pathname, download }: HTMLAnchorElement, track: Track): void => {
  if (settings.links == "false" || !/^http/.test(protocol)) return;
  if (download || FILES.test(pathname)) track("download", { url: href });
  else if (host != location.host) track("outbound_link", { url: href });
};

export const watchClicks = (track: Track): void => {
  for (const type of ["click", "auxclick", "submit"])
    hear(type, (event) => {
      if ((event as MouseEvent).button == 2) return;
      for (const element of event.composedPath()) {
        if (!(element instanceof Element) || (type == "submit") != (element.localName == "form")) continue;
        const name = element.getAttribute(PREFIX + "event");
        if (name) return named(element, name, track);
        if (element.localName == "a") return linked(element as HTMLAnchorElement, track);
      }
    }, true);
};
