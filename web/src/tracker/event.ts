// An event as the collector takes it: what would be refused is cut to size or left out.
import { send } from "./delivery";
import { isExcluded } from "./ignored";
import { page, referrer } from "./views";

export type Props = Record<string, unknown>;

const { stringify } = JSON; // before the page replaces it

/** At most so many characters, and no half of a pair, which no UTF-8 can hold. */
const text = (value: unknown, longest = 512): string => String(value).slice(0, longest).replace(/\p{Cs}/gu, "");

/** Send an event of the page that is shown. */
export const record = (type: unknown, props: Props = {}, more?: object): void => {
  if (!page || (FULL && isExcluded(page))) return;
  const scalars: Props = {};
  for (const name in props) {
    const value = props[name];
    if (Object(value) !== value) scalars[name] = typeof value == "string" ? text(value) : value;
  }
  send(
    stringify({
      event_id: crypto.getRandomValues(new Uint32Array(4)).join("-"),
      event_type: text(type, 64),
      page_url: text(page, 2048),
      referrer: text(referrer, 2048),
      title: text(document.title),
      props: scalars,
      ...more,
    }),
  );
};
