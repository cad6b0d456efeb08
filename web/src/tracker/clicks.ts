// Events that need no script of the page: links to elsewhere, downloads, and what data-liveinsight-event names.
import type { Props } from "./event";
import { hear } from "./quietly";
import { settings } from "./settings";
import { track } from "./track";
import { countView } from "./views";

const PREFIX = "data-liveinsight-";
const FILES = /\.(pdf|doc|xls|ppt|csv|zip|gz|dmg|exe|msi|apk|mp[34])x?$/i;
const WHEEL = 1;

export const watchClicks = (): void =>
  hear(
    (event) => {
      countView(true); // somebody has seen the page: what comes next is no redirect of it
      const { button, type } = event as MouseEvent;
      // Out of web components too. The name of a form is for its submission, which clicks in it are not.
      const selector = type == "submit" ? "form" : `a,[${PREFIX}event]:not(form)`;
      const element = (event.composedPath() as HTMLAnchorElement[]).find((element) => element.matches?.(selector));
      // The wheel opens links too; mice have further buttons, one of them to go back.
      if (!element || button > WHEEL) return;
      const props: Props = {};
      for (const { name, value } of element.attributes) {
        const key = name.split(PREFIX)[1];
        if (key) props[key] = value;
      }
      const { event: name, ...rest } = props;
      const { href: url, host, pathname } = element;
      if (name) track(name, rest);
      else if (settings.links != "false" && /^http/.test(url))
        track(element.matches("[download]") || FILES.test(pathname) ? "download" : host != location.host && "outbound", { url });
    },
    "click",
    "auxclick",
    "submit",
  );
