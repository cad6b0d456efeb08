// What is not counted: visitors who ask for it, developers' own machines, pages that the site's owner names.
import { endpoint, settings } from "./settings";

/** Hosts of one's own machine; `file:` has none at all. */
const LOCAL = /\/\/(|localhost|127[\d.]+|\[::1]|[^/]*\.local)(:|\/|$)/;

/** Whether this visit is nobody's business. A local API means to hear of local pages. */
export const isIgnored = (): boolean =>
  ("dnt" in settings && (navigator.doNotTrack == "1" || !!navigator.globalPrivacyControl)) ||
  (!("local" in settings) && LOCAL.test(location.href) && !LOCAL.test(endpoint));

/** Whether `data-exclude` names the address: comma-separated paths, `*` is anything. */
export const isExcluded = (address: string): boolean => {
  const paths = settings.exclude?.replace(/\W/g, "\\$&").replace(/\\\*/g, ".*").replace(/\\,(\\ )?/g, "|");
  return !!paths && RegExp(`//[^/]*(${paths})(\\?|$)`).test(address);
};
