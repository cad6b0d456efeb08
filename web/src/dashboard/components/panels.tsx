// The states that have the page for themselves: no token, no answer, no visit yet.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Config } from "../config";
import { useLanguage } from "../i18n/language";
import type { Key } from "../i18n/translate";
import type { Problem, ProblemKind } from "../problem";
import type { Reading } from "../reading";
import { copyText } from "../share";
import { trackerSnippet } from "../snippet";
import { isFinal, NextAttempt, useProblemText } from "./notice";

interface TokenProps {
  readonly config: Config;
  readonly wasRefused: boolean;
  readonly onToken: (token: string) => void;
}

export function TokenPanel({ config, wasRefused, onToken }: TokenProps) {
  const { t } = useLanguage();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onToken(field.current?.value.trim() ?? "");
  };
  return (
    <section class="panel" data-state="unauthorised" aria-labelledby="panel-heading">
      <h2 id="panel-heading">{t("token_title")}</h2>
      <p role={wasRefused ? "alert" : undefined}>{t(wasRefused ? "token_refused" : "token_how")}</p>
      <form class="token" onSubmit={submit}>
        <label class="field-label" for="token">{t("token_label")}</label>
        <div class="field">
          <input id="token" class="input" type="password" ref={field} autocomplete="off" spellcheck={false} required
            aria-describedby="token-help" />
          <button class="button" type="submit">{t("token_submit")}</button>
        </div>
        <p id="token-help" class="hint">
          {t("token_file")} <code>{`.liveinsight/${config.environment ?? "<environment>"}/read-token`}</code>{" "}
          {t("token_kept")}
        </p>
      </form>
    </section>
  );
}

const HEADINGS: { readonly [kind in ProblemKind]: Key & `heading_${string}` } = {
  unauthorised: "heading_refused",
  throttled: "heading_throttled",
  unavailable: "heading_unavailable",
  unreachable: "heading_unreachable",
  offline: "heading_offline",
  refused: "heading_refused",
  out_of_reach: "heading_out_of_reach",
  misconfigured: "heading_misconfigured",
};

interface ErrorProps {
  readonly problem: Problem;
  readonly reading: Reading<unknown> | null;
  readonly onRetry: () => void;
  /** Another question, where this one has no answer. */
  readonly onStartOver?: (() => void) | undefined;
}

export function ErrorPanel({ problem, reading, onRetry, onStartOver }: ErrorProps) {
  const { t } = useLanguage();
  return (
    <section class="panel" data-state="error" data-problem={problem.kind} aria-labelledby="panel-heading">
      <h2 id="panel-heading">{t(HEADINGS[problem.kind] as "heading_offline")}</h2>
      <p role="alert">{useProblemText(problem)}</p>
      {reading && !isFinal(problem) && <p class="hint"><NextAttempt reading={reading} /></p>}
      {onStartOver && isFinal(problem)
        ? <button type="button" class="button" onClick={onStartOver}>{t("start_over")}</button>
        : <button type="button" class="button" onClick={onRetry}>{t("try_now")}</button>}
    </section>
  );
}

export function EmptyPanel({ config }: { readonly config: Config }) {
  const { t } = useLanguage();
  return (
    <section class="panel" data-state="empty" aria-labelledby="panel-heading">
      <h2 id="panel-heading">{t("empty_title")}</h2>
      <p>{t("empty_how")}</p>
      <Snippet config={config} />
      <p class="hint">
        {t("empty_try")} <DemoLink /> · <code>liveinsight seed-demo</code>
      </p>
    </section>
  );
}

export function Snippet({ config }: { readonly config: Config }) {
  const { t } = useLanguage();
  const [isCopied, setCopied] = useState(false);
  const text = useRef<HTMLElement>(null);
  const snippet = trackerSnippet(config, document.baseURI);
  const copy = async () => {
    if (await copyText(snippet)) setCopied(true);
    else if (text.current) getSelection()?.selectAllChildren(text.current); // the person's own copy key does it
  };
  return (
    <div class="snippet">
      <pre tabIndex={0} role="region" aria-label={t("snippet")}><code ref={text}>{snippet}</code></pre>
      <button type="button" class="button small" onClick={copy}>
        <span aria-live="polite">{t(isCopied ? "copied" : "copy")}</span>
      </button>
    </div>
  );
}

export function DemoLink() {
  const { t } = useLanguage();
  return <a href="demo/index.html" target="_blank" rel="noopener">{t("demo_site")}</a>;
}
