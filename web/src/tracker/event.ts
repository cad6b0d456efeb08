// An event as the collector takes it: what would be refused is cut to size or left out.
import { stringify } from "./delivery";

export type Props = Record<string, unknown>;

/** At most so many characters, and no half of a pair, which no UTF-8 can hold. */
const text = (value: unknown, longest: number): string => String(value).slice(0, longest).replace(/\p{Cs}/gu, "");

/** Of the values those that are no objects. */
const scalars = (props: Props): Props => {
  const kept: Props = {};
  for (const name in props) {
    const value = props[name];
    if (value != null && Object(value) !== value) kept[name] = /bo|nu/.test(typeof value) ? value : text(value, 512);
  }
  return kept;
};

export const newEvent = (type: unknown, page: string, referrer: string, props?: Props, more?: object): string =>
  stringify({
    event_id: crypto.getRandomValues(new Uint32Array(4)).join("-"),
    event_type: text(type, 64),
    page_url: text(page, 2048),
    referrer: text(referrer, 2048) || undefined,
    title: text(document.title, 512) || undefined,
    props: props && scalars(props),
    ...more,
  });
