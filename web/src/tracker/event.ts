// An event as the collector takes it: what would be refused is cut to size or left out.
import { send } from "./delivery";
import { isExcluded } from "./ignored";
import { page, referrer } from "./views";

export type Props = Record<string, unknown>;

/** The server ends a visit after 30 minutes; some of them may pass before it hears of an event. */
const LONGEST_SILENCE_MS = 17e5;

let recordedAt = 0;

/** Whether so little was heard of the page that what comes next begins another visit. */
export const isSilent = (): boolean => Date.now() - recordedAt > LONGEST_SILENCE_MS;

/** At most so many characters, and no half of a pair, which no UTF-8 can hold. */
const text = (value: unknown, longest = 512): string => String(value).slice(0, longest).replace(/\p{Cs}/gu, "");

/** Send an event of the page that is shown. */
export const record = (type: unknown, more?: object, props?: Props): void => {
  if (!page || (FULL && isExcluded(page))) return;
  const scalars: Props = {};
  for (const name in props) {
    const value = props[name] as number;
    // Only the types string, bigint and symbol have these letters. The collector takes no number from 1e15 on, such as an id.
    if (Object(value) !== value) scalars[name] = /[gy]/.test(typeof value) || value >= 1e15 ? text(value) : value;
  }
  recordedAt = Date.now();
  send(
    JSON.stringify({
      event_id: crypto.getRandomValues(new Uint32Array(4)).join("-"),
      event_type: text(type, 64),
      page_url: text(page, 2048),
      referrer: text(referrer),
      title: text(document.title),
      props: scalars,
      ...more,
    }),
  );
};
