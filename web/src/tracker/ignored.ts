// What is not counted: visitors who ask for it, developers' own machines, pages that the site's owner names.
import { endpoint, settings } from "./settings";

const LOCAL = /^(localhost|127\.[\d.]+|\[::1\]|.*\.local(host)?)$/;

/** Whether this visit is nobody's business; a local API means to hear of local pages. */
export const isIgnored = (): boolean =>
  ("dnt" in settings && (navigator.doNotTrack == "1" || !!navigator.globalPrivacyControl)) ||
  (!("local" in settings) && LOCAL.test(location.hostname) && !LOCAL.test(new URL(endpoint, location.href).hostname));

/** Whether `data-exclude` names the address: comma-separated paths, `*` is anything. */
export const isExcluded = (address: string): boolean =>
  (settings.exclude ?? "").split(",").some((glob) => {
    const path = glob.trim().replace(/[.+?^${}()|[\]\\]/g, "\\$&");
    return path && RegExp(`^${path.replaceAll("*", ".*")}$`).test(new URL(address).pathname);
  });
