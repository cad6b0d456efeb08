// What is not counted: visitors who ask for it, developers' own machines, pages that the site's owner names.
import { endpoint, settings } from "./settings";

/** A host, with its port, that is one's own machine; what is no page of a server has none. */
const LOCAL = /^((.*\.)?local(host)?|127[\d.]+|\[::1])?(:|$)/;

/** Whether this visit is nobody's business. A local API means to hear of local pages. */
export const isIgnored = (): boolean =>
  ("dnt" in settings && (navigator.doNotTrack == "1" || !!navigator.globalPrivacyControl)) ||
  (!("local" in settings) && LOCAL.test(location.host) && !LOCAL.test(endpoint.split("/")[2]!));

/** Whether `data-exclude` names the path of the address: paths with commas or space between them, `*` is anything. */
export const isExcluded = (address: string): boolean => {
  const paths = settings.exclude?.replace(/\W/g, "\\$&").replace(/\\\*/g, "[^?]*").replace(/\\[,\s]/g, "|");
  return RegExp(`^\\w+://[^/]*(${paths})(\\?|$)`).test(address);
};
