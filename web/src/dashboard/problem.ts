// Every way in which a read can fail, as the page tells them apart.

export type ProblemKind =
  | "unauthorised" | "throttled" | "unavailable" | "unreachable" | "offline" | "refused" | "out_of_reach" | "misconfigured";

export interface Refusal {
  readonly code: string | null;
  readonly field: string | null;
}

const NOTHING_TOLD: Refusal = { code: null, field: null };

export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    /** What the API itself said, in English; the page says the rest in the reader's language. */
    readonly told: string | null = null,
    readonly retryAfterS: number | null = null,
    /** What the API calls the error, and the parameter that it is about. */
    readonly refusal: Refusal = NOTHING_TOLD,
  ) {
    super(told ?? kind);
  }
}

export async function problemOf(answer: Response): Promise<Problem> {
  const retryAfterS = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10) || null;
  const { message, ...refusal } = await toldError(answer);
  if (answer.status === 401) return new Problem("unauthorised", message);
  if (answer.status === 429) return new Problem("throttled", message, retryAfterS);
  if (answer.status >= 500) return new Problem("unavailable", message, retryAfterS);
  const kind = refusal.code === "filter_out_of_reach" ? "out_of_reach" : "refused";
  return new Problem(kind, message ?? `HTTP ${answer.status}`, null, refusal);
}

async function toldError(answer: Response): Promise<Refusal & { readonly message: string | null }> {
  const body: unknown = await answer.json().catch(() => null);
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return { code: text(error.code), field: text(error.field), message: text(error.message) };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
