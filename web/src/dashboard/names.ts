// Names of the API's values as people read them. What visitors send stays as it is.
import { LIST_OF, type Filter } from "./dimensions";
import type { Speech } from "./i18n/language";
import type { Key } from "./i18n/translate";

const DEVICES = new Map<string, Key & `device_${string}`>([
  ["desktop", "device_desktop"], ["mobile", "device_mobile"], ["tablet", "device_tablet"],
  ["tv", "device_tv"], ["other", "device_other"],
]);
const EVENTS = new Map<string, Key & `event_${string}`>([["page_view", "event_page_view"], ["engagement", "event_engagement"]]);

/** Their values are percent-encoded, as browsers send addresses. */
const ADDRESSES: ReadonlySet<Filter> = new Set<Filter>(["page", "entry_page", "exit_page", "referrer"]);

export const isOfAddresses = (list: string): boolean => [...ADDRESSES].some((filter) => LIST_OF[filter] === list);

export function nameOf(filter: Filter, value: string, { t, format }: Speech): string {
  if (filter === "country") return format.country(value);
  if (ADDRESSES.has(filter)) return readable(format.name(value));
  if ((filter === "browser" || filter === "os") && value === "Other") return t("device_other");
  const key = filter === "device" ? DEVICES.get(value) : filter === "event_type" ? EVENTS.get(value) : undefined;
  return key ? t(key) : format.name(value);
}

/** One character that is not ASCII, percent-encoded: two to four bytes of UTF-8. */
const ENCODED = /%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-4](?:%[89ab][\da-f]){3}/gi;
/** Marks that turn or hide text, and blanks: they stay encoded, so that no name looks like another. */
const UNSEEN = /[\p{C}\p{Z}]/u;

/** "/%ED%95%9C" -> "/한"; what ASCII has (%20, %2F) stays encoded, as in a browser's address bar, and so does what is not UTF-8. */
export function readable(address: string): string {
  return address.replace(ENCODED, (encoded) => {
    try {
      const character = decodeURIComponent(encoded);
      return UNSEEN.test(character) ? encoded : character;
    } catch {
      return encoded;
    }
  });
}

/** "https://www.example.com/pricing?x=1" -> "/pricing"; anything that is no address stays as it is. */
export const pathOf = (address: string): string => readable(URL.canParse(address) ? new URL(address).pathname : address);

export const hostOf = (address: string): string =>
  URL.canParse(address) ? new URL(address).hostname.replace(/^www\./, "") : address;
