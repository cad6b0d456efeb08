// What is wrong with a read, when it is tried again, and what someone can do about it now.
import { useSeconds } from "../clock";
import { useLanguage } from "../i18n/language";
import type { Key } from "../i18n/translate";
import type { Problem, ProblemKind } from "../problem";
import type { Reading } from "../reading";
import { refusalText } from "../refusals";

const PROBLEMS: { readonly [kind in ProblemKind]: Key & `problem_${string}` } = {
  unauthorised: "problem_unauthorised",
  throttled: "problem_throttled",
  unavailable: "problem_unavailable",
  unreachable: "problem_unreachable",
  offline: "problem_offline",
  refused: "problem_refused",
  out_of_reach: "problem_out_of_reach",
  misconfigured: "problem_misconfigured",
};

/** "refused" says why, as far as the page can tell, and else what the API said. */
export function useProblemText(problem: Problem): string {
  const { t } = useLanguage();
  const text = t(PROBLEMS[problem.kind] as "problem_offline");
  if (problem.kind !== "refused") return text;
  return [text, refusalText(problem.refusal, t) ?? problem.told].filter(Boolean).join(" ");
}

/** The same question again would be answered in the same way. */
export const isFinal = ({ kind }: Problem): boolean => kind === "refused" || kind === "out_of_reach" || kind === "misconfigured";

export function NextAttempt({ reading }: { readonly reading: Reading<unknown> }) {
  const { t } = useLanguage();
  const now = useSeconds();
  const dueAt = reading.dueAt();
  if (dueAt === null) return <>{t("trying_again")}</>;
  return <>{t("trying_again_in", { count: Math.max(1, Math.ceil((dueAt - now) / 1000)) })}</>;
}

interface NoticeProps {
  readonly reading: Reading<unknown>;
  readonly part: "live" | "period" | "both";
}

/** One line over figures that stay; the countdown is outside of what is read aloud. */
export function Notice({ reading, part }: NoticeProps) {
  const { t, format } = useLanguage();
  const now = useSeconds(reading.problem !== null);
  if (reading.problem === null) return null;
  return (
    <div class="notice" data-part={part}>
      <p>
        <span role="status"><ProblemText problem={reading.problem} part={part} /></span>{" "}
        {reading.answer !== null && t("figures_from", { age: format.ago(now - reading.madeAt) })}{" "}
        {!isFinal(reading.problem) && <NextAttempt reading={reading} />}
      </p>
      {!isFinal(reading.problem) && <button type="button" class="button small" onClick={reading.retry}>{t("try_now")}</button>}
    </div>
  );
}

function ProblemText({ problem, part }: { readonly problem: Problem; readonly part: NoticeProps["part"] }) {
  const { t } = useLanguage();
  const text = useProblemText(problem);
  return <>{part === "both" ? text : `${t(part === "live" ? "part_live" : "part_period")}: ${text}`}</>;
}
