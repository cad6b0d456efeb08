// Every way in which a read can fail, as the page tells them apart.

export type ProblemKind =
  | "unauthorised" | "throttled" | "unavailable" | "unreachable" | "offline" | "refused" | "out_of_reach" | "misconfigured";

export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    /** What the API itself said, in English; the page says the rest in the reader's language. */
    readonly told: string | null = null,
    readonly retryAfterS: number | null = null,
  ) {
    super(told ?? kind);
  }
}

export async function problemOf(answer: Response): Promise<Problem> {
  const retryAfterS = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10) || null;
  const { code, message } = await toldError(answer);
  if (answer.status === 401) return new Problem("unauthorised", message);
  if (answer.status === 429) return new Problem("throttled", message, retryAfterS);
  if (answer.status >= 500) return new Problem("unavailable", message, retryAfterS);
  return new Problem(code === "filter_out_of_reach" ? "out_of_reach" : "refused", message ?? `HTTP ${answer.status}`);
}

async function toldError(answer: Response): Promise<{ code: string | null; message: string | null }> {
  const body: unknown = await answer.json().catch(() => null);
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return { code: text(error.code), message: text(error.message) };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
