// Page views, of pages and of single-page applications: every address once.
import { leavePage } from "./engagement";
import { isSilent, record } from "./event";
import { hear, quietly } from "./quietly";
import { settings } from "./settings";

const SETTLING_MS = 400; // until a router has redirected and set the title

export let page = "";
export let referrer = document.referrer;
let due = 0;

/** The address without fragment; with `data-hash` the fragment is a path below it, before the query. */
const address = (): string => {
  let { href } = location;
  if (FULL && "hash" in settings) href = href.replace(/\/?(\?[^#]*)?#!?\/?(.*)/, "/$2$1").replace(/(\?.*)\?/, "$1&");
  return href.replace(/#.*/, "");
};

/** Count the view that is due, if one is; or that of somebody who does something after a long silence. */
export const countView = (isActive?: boolean): void => {
  if (due || (isActive && isSilent())) record("page_view");
  due = clearTimeout(due) ?? 0;
};

const expectView = (): void => {
  clearTimeout(due);
  due = setTimeout(quietly(countView), SETTLING_MS) as unknown as number;
};

/** The address may be another one. A replaced one is another page only if its path is, and it is not a redirect. */
const moved = (isReplaced?: unknown): void => {
  const now = address();
  if (now == page) return;
  if (!isReplaced || (!due && now.split("?")[0] != page.split("?")[0])) {
    countView();
    if (FULL) leavePage();
    referrer = page;
    expectView();
  }
  page = now;
};

const follow = quietly((name: "pushState" | "replaceState", isReplaced: number): void => {
  const original = history[name];
  history[name] = function (...given) {
    original.apply(this, given);
    quietly(moved)(isReplaced);
  };
});

export const watchViews = (): void => {
  page = address();
  expectView();
  (["pushState", "replaceState"] as const).forEach(follow);
  hear(() => moved(), "popstate");
  hear((event) => (due || (event as PageTransitionEvent).persisted) && expectView(), "pageshow");
};
