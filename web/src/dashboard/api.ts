// The public API as the page sees it: two reads. Whatever goes wrong is a Problem, but for an abort of our own.
import type { Realtime, Stats } from "./answers";
import type { Config } from "./config";
import { liveFilters } from "./dimensions";
import { Problem, problemOf } from "./problem";
import { rangeParameter, type View } from "./view";

const TIMEOUT_MS = 10_000;
const FEED_LENGTH = 20;
const LIST_LENGTH = 9;
export const LONGEST_LIST = 1000;

/** An answer, and how old it was already when it came (a cache on the way says so). */
export interface Read<Answer> {
  readonly answer: Answer;
  readonly ageMs: number;
}

type Parameters = Record<string, string | number | null>;

export class Api {
  readonly #base: URL;

  constructor(
    private readonly config: Config,
    private readonly token: () => string | null, // it may change while the page is open
  ) {
    this.#base = new URL(config.readUrl.replace(/\/*$/, "/"), document.baseURI);
  }

  realtime(view: View, signal: AbortSignal): Promise<Read<Realtime>> {
    const feed = { event_type: view.filters.event_type ?? null, limit: FEED_LENGTH }; // here it names the feed, and filters nothing
    return this.#read("api/realtime", { site: this.siteOf(view), ...feed, ...liveFilters(view.filters) }, signal);
  }

  stats(view: View, signal: AbortSignal, limit: number = LIST_LENGTH): Promise<Read<Stats>> {
    const asked = {
      site: this.siteOf(view),
      range: rangeParameter(view.range),
      timezone: timeZone(),
      compare: view.isCompared ? "previous" : null,
      limit,
      ...view.filters,
    };
    return this.#read("api/stats", asked, signal);
  }

  siteOf(view: View): string | null {
    return view.site ?? this.config.site;
  }

  async #read<Answer>(path: string, parameters: Parameters, signal: AbortSignal): Promise<Read<Answer>> {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, String(value));
    const token = this.token();
    const headers: HeadersInit = token ? { Authorization: `Bearer ${token}` } : {};
    let answer: Response;
    try {
      const limit = AbortSignal.timeout(TIMEOUT_MS);
      answer = await fetch(url, { headers, credentials: "omit", signal: AbortSignal.any([signal, limit]) });
      if (answer.ok) return { answer: await answer.json(), ageMs: 1000 * (Number(answer.headers.get("Age")) || 0) };
    } catch (error) {
      if (signal.aborted) throw error;
      throw new Problem(navigator.onLine ? "unreachable" : "offline");
    }
    throw await problemOf(answer);
  }
}

export const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
