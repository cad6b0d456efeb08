// Page views, of pages and of single-page applications: every address once.
import { send } from "./delivery";
import { leavePage } from "./engagement";
import { newEvent, type Props } from "./event";
import { isExcluded } from "./ignored";
import { hear, quietly } from "./quietly";
import { settings } from "./settings";

const SETTLING_MS = 300; // until a router has redirected and set the title
const LOADING_MS = 1e3; // when a page's own scripts take long, or it was loaded before us

let page: string;
let referrer = document.referrer;
let due: ReturnType<typeof setTimeout> | undefined;

/** The address without fragment; with `data-hash` the fragment is a path below it. */
const address = (): string => {
  const [plain = "", fragment = ""] = location.href.split(/#!?\/?(.*)/s);
  if (!FULL || !("hash" in settings) || !fragment) return plain;
  const { origin, pathname, search } = location;
  const [path, query] = fragment.split(/\?(.*)/s);
  return origin + pathname.replace(/\/?$/, "/") + path + search + (query ? (search ? "&" : "?") + query : "");
};

/** Send an event of the page that is shown. */
export const record = (type: unknown, props?: Props, more?: object): void => {
  if (!FULL || !isExcluded(page)) send(newEvent(type, page, referrer, props, more));
};

/** Count the view that is due, if one is. */
export const countView = (): void => {
  if (due) record("page_view");
  clearTimeout(due);
  due = undefined;
};

const expectView = (ms = SETTLING_MS): void => {
  clearTimeout(due);
  due = setTimeout(quietly(countView), ms);
};

/** The address may be another one. A replaced one is another page only if its path is, and it is not a redirect. */
const moved = (isReplaced: boolean): void => {
  const now = address();
  if (now == page) return;
  if (isReplaced && (due || now.split("?")[0] == page.split("?")[0])) {
    page = now;
    return;
  }
  countView();
  if (FULL) leavePage();
  referrer = page;
  page = now;
  expectView();
};

const follow = (name: "pushState" | "replaceState"): void => {
  const original = history[name];
  history[name] = function (...given) {
    original.apply(this, given);
    quietly(moved)(name == "replaceState");
  };
};

export const watchViews = (): void => {
  page = address();
  expectView(document.readyState == "complete" ? SETTLING_MS : LOADING_MS);
  hear("DOMContentLoaded", () => due && expectView());
  quietly(follow)("pushState");
  quietly(follow)("replaceState");
  hear("popstate", () => moved(false));
  hear("hashchange", () => moved(false));
  hear("pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) expectView(0);
  });
};
