// config.json: what `liveinsight deploy` writes beside the page. Nothing in it is secret.
import { Problem } from "./problem";

export interface Config {
  /** Where trackers send to: shown in the snippet. */
  readonly apiUrl: string;
  /** Where this page reads from: its own origin where CloudFront passes the API on. */
  readonly readUrl: string;
  readonly environment: string | null;
  readonly isPublic: boolean;
  /** The only site there is, where there is but one. */
  readonly site: string | null;
}

export async function loadConfig(): Promise<Config> {
  let answer: Response;
  try {
    answer = await fetch("config.json");
  } catch {
    throw new Problem(navigator.onLine ? "unreachable" : "offline");
  }
  if (answer.status === 429 || answer.status >= 500) throw new Problem("unavailable");
  const said: unknown = answer.ok ? await answer.json().catch(() => null) : null;
  const config = readConfig(said);
  if (config === null) throw new Problem("misconfigured");
  return config;
}

export function readConfig(said: unknown): Config | null {
  if (typeof said !== "object" || said === null || !("apiUrl" in said) || typeof said.apiUrl !== "string") return null;
  const { readUrl, environment, site, public: isPublic } = said as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === "string" && value ? value : null);
  return {
    apiUrl: said.apiUrl,
    readUrl: text(readUrl) ?? said.apiUrl,
    environment: text(environment),
    isPublic: isPublic === true,
    site: text(site),
  };
}
