// An event as the collector takes it: what would be refused is cut to size or left out.
import { send } from "./delivery";
import { isExcluded } from "./ignored";
import { page, referrer } from "./views";

export type Props = Record<string, unknown>;

export const { stringify } = JSON; // before the page replaces it

/** At most so many characters, and no half of a pair, which no UTF-8 can hold. */
const text = (value: unknown, longest = 2048): string => String(value).slice(0, longest).replace(/\p{Cs}/gu, "");

/** Send an event of the page that is shown. */
export const record = (type: unknown, props: Props = {}, more?: object): void => {
  if (!page || (FULL && isExcluded(page))) return;
  const scalars: Props = {};
  for (const name in props) {
    const kind = typeof props[name];
    if (/bo|nu|st/.test(kind)) scalars[name] = kind > "s" ? text(props[name], 512) : props[name];
  }
  send(
    stringify({
      event_id: crypto.getRandomValues(new Uint32Array(4)).join("-"),
      event_type: text(type, 64),
      page_url: text(page),
      referrer: text(referrer),
      title: text(document.title, 512),
      props: scalars,
      ...more,
    }),
  );
};
