// @ts-nocheck
// The public API as the page sees it: two reads, and every way they can fail as a Problem with a kind.

const TIMEOUT_MS = 10_000;

/** kind: "unauthorised" | "throttled" | "unavailable" | "unreachable" | "refused" | "misconfigured". */
class Problem extends Error {
  constructor(kind, message, retryAfterS = null) {
    super(message);
    this.kind = kind;
    this.retryAfterS = retryAfterS;
  }
}

export async function loadConfig() {
  let answer;
  try {
    answer = await fetch("config.json", { cache: "no-cache" });
  } catch {
    throw new Problem("unreachable", "This page could not load its settings.");
  }
  const config = answer.ok ? await answer.json().catch(() => null) : null;
  if (typeof config?.apiUrl !== "string")
    throw new Problem("misconfigured", "config.json is missing beside this page, or names no API.");
  return config;
}

export class Api {
  constructor(apiUrl, site, token) {
    this.base = new URL(apiUrl.replace(/\/*$/, "/"), document.baseURI);
    this.site = site;
    this.token = token; // a function: the token may change while the page is open
  }

  realtime(signal) {
    return this.#read("api/realtime", { limit: 20 }, signal);
  }

  stats(signal) {
    return this.#read("api/stats", { range: "24h", limit: 8 }, signal);
  }

  async #read(path, query, signal) {
    const url = new URL(path, this.base);
    if (this.site) url.searchParams.set("site", this.site);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const token = this.token();
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    let answer;
    try {
      const limit = AbortSignal.timeout(TIMEOUT_MS);
      answer = await fetch(url, { headers, credentials: "omit", signal: AbortSignal.any([signal, limit]) });
      if (answer.ok) return await answer.json();
    } catch (error) {
      if (signal.aborted) throw error;
      throw new Problem("unreachable", "The API does not answer.");
    }
    throw await problemOf(answer);
  }
}

async function problemOf(answer) {
  const retryAfterS = Number.parseInt(answer.headers.get("Retry-After"), 10) || null;
  const told = (await answer.json().catch(() => null))?.error?.message;
  if (answer.status === 401) return new Problem("unauthorised", told ?? "");
  if (answer.status === 429) return new Problem("throttled", "The API is at its rate limit.", retryAfterS);
  if (answer.status >= 500) return new Problem("unavailable", "The API answered with an error of its own.", retryAfterS);
  return new Problem("refused", told ?? `The API answered ${answer.status}.`);
}
