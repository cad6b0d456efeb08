// Events on their way: one request at a time, one a second, and the same bytes again until they are taken. The
// collector knows a repetition by its bytes, as long as little else was sent meanwhile.
import { endpoint, settings } from "./settings";

const MOST_EVENTS = 25;
const MOST_CHARACTERS = 2e4; // at three bytes each below the 64 KiB that a browser lets leave with a page
const ATTEMPTS = 7; // 2, 4, 8 ... 64 seconds apart
const GATHERING_MS = 20;

const waiting: string[] = [];
let body = ""; // of the request that is under way or comes next
let isUnderWay = false;
let attempt = 0;
let timer = 0;

/** The body of another request, "" when nothing waits. */
const take = (): string => {
  let count = MOST_EVENTS;
  while (waiting.slice(0, count).join().length > MOST_CHARACTERS) count--;
  const events = waiting.splice(0, count).join();
  return events && `{${settings.site ? `"site":"${settings.site}",` : ""}"events":[${events}]}`;
};

const plan = (pauseMs: number): void => {
  clearTimeout(timer);
  timer = setTimeout(deliver, pauseMs) as unknown as number;
};

const deliver = async (): Promise<void> => {
  timer = clearTimeout(timer) ?? 0;
  if (isUnderWay || !(body ||= take())) return;
  isUnderWay = true;
  let pauseS = 0;
  try {
    // A text goes as text/plain, for which no browser asks leave beforehand.
    const { status, headers } = await fetch(endpoint, { method: "POST", body, keepalive: true });
    if (status < 500 && status != 429) body = ""; // taken, or refused for good
    pauseS = ~~(headers.get("retry-after") as unknown as number);
  } catch {
    // No network, a blocker, a policy of the page, or its own idea of fetch.
  }
  isUnderWay = false;
  if (++attempt >= ATTEMPTS) body = "";
  if (!body) attempt = 0;
  plan(1e3 * (pauseS + 2 ** attempt + Math.random()));
};

/** Send an event, an object's JSON, with those of the same moment. */
export const send = (event: string): void => {
  // Unless it is longer than an event may be, or the page does not stop making them.
  if (!event[MOST_CHARACTERS] && !waiting[500]) waiting.push(event);
  if (!timer) plan(GATHERING_MS);
};

/** Everything leaves now; isLast: nobody will be here to hear an answer. Who will be keeps to what was planned. */
export const sendAll = (isLast: boolean): void => {
  if (!isLast && (attempt || !deliver())) return; // a promise is always something: the rest goes by beacon
  for (let text: string; (text = (!isUnderWay && body) || take()); ) {
    if (!isUnderWay) body = "";
    navigator.sendBeacon(endpoint, text);
  }
};
