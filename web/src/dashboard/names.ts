// Names of the API's values as people read them. What visitors send stays as it is.
import type { Filter } from "./dimensions";
import type { Speech } from "./i18n/language";
import type { Key } from "./i18n/translate";

const DEVICES = new Map<string, Key & `device_${string}`>([
  ["desktop", "device_desktop"], ["mobile", "device_mobile"], ["tablet", "device_tablet"],
]);
const EVENTS = new Map<string, Key & `event_${string}`>([["page_view", "event_page_view"], ["engagement", "event_engagement"]]);

export function nameOf(filter: Filter, value: string, { t, format }: Speech): string {
  if (filter === "country") return format.country(value);
  const key = filter === "device" ? DEVICES.get(value) : filter === "event_type" ? EVENTS.get(value) : undefined;
  return key ? t(key) : format.name(value);
}

/** "https://www.example.com/pricing?x=1" -> "/pricing"; anything that is no address stays as it is. */
export const pathOf = (address: string): string => (URL.canParse(address) ? new URL(address).pathname : address);

export const hostOf = (address: string): string =>
  URL.canParse(address) ? new URL(address).hostname.replace(/^www\./, "") : address;
