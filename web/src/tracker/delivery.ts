// Events on their way: one request at a time, at most one a second, the same bytes again until they are taken.
// The collector knows a repetition by its bytes, as long as nothing else was sent meanwhile.
import { endpoint, settings } from "./settings";

const MOST_EVENTS = 25;
const MOST_CHARACTERS = 16e3; // at three bytes each below the 64 KiB that a browser lets leave with a page
const MOST_WAITING = 500;
const ATTEMPTS = 6; // within two minutes: 1, 3, 9, 27 and 81 seconds apart
const GATHERING_MS = 20;

const { stringify } = JSON;
let waiting: string[] = [];
let body = ""; // once made never changed
let isUnderWay = false;
let attempt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The body of the next request, "" when nothing waits. */
const take = (): string => {
  let size = 0;
  const end = waiting.findIndex((event, index) => index && (index >= MOST_EVENTS || size + event.length > MOST_CHARACTERS) || void (size += event.length));
  const events = waiting.splice(0, end < 0 ? waiting.length : end);
  return events[0] ? `{${settings.site ? `"site":${stringify(settings.site)},` : ""}"events":[${events.join()}]}` : "";
};

/** A text goes as text/plain, for which no browser asks leave beforehand. */
const post = (text: string): Promise<Response> =>
  fetch(endpoint, { method: "POST", body: text, keepalive: true, credentials: "omit" });

const deliver = async (): Promise<void> => {
  if (isUnderWay || !(body ||= take())) return;
  clearTimeout(timer);
  isUnderWay = true;
  let pauseMs = 1e3 * 3 ** attempt * (1 + Math.random() / 2);
  try {
    const { status, headers } = await post(body);
    if (status == 429 || status > 499) pauseMs = Math.max(pauseMs, 1e3 * Number(headers.get("retry-after")) || 0);
    else attempt = ATTEMPTS;
  } catch {
    // No network, a blocker, a policy of the page: all the same from here.
  }
  if (++attempt >= ATTEMPTS) {
    if (attempt > ATTEMPTS) pauseMs = 1e3;
    body = "";
    attempt = 0;
  }
  isUnderWay = false;
  timer = setTimeout(resume, pauseMs);
};

const resume = (): void => {
  timer = undefined;
  void deliver();
};

/** Send an event, an object's JSON, with those of the same moment. */
export const send = (event: string): void => {
  if (waiting.length < MOST_WAITING && event.length < MOST_CHARACTERS * 1.25) waiting.push(event);
  if (!isUnderWay) timer ??= setTimeout(resume, GATHERING_MS);
};

/** Everything leaves now; isLast: nobody will be here to hear the answer. */
export const sendAll = (isLast: boolean): void => {
  if (!isLast) void deliver();
  for (let text; (text = (!isUnderWay && body) || take()); ) {
    if (text == body) body = "";
    if (!navigator.sendBeacon(endpoint, text)) post(text).catch(() => {});
  }
};
