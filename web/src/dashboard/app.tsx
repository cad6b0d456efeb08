// The page: what is looked at, the two reads of it, and which of its states they make.
import { useEffect, useMemo, useState } from "preact/hooks";
import { useView } from "./address";
import { Api, timeZone } from "./api";
import { DemoLink, EmptyPanel, ErrorPanel, TokenPanel } from "./components/panels";
import { Feed } from "./components/feed";
import { Lists } from "./components/lists";
import { Live } from "./components/live";
import { Notice } from "./components/notice";
import { Period } from "./components/period";
import { TopBar } from "./components/top-bar";
import type { Config } from "./config";
import { dayOf } from "./days";
import { liveFilters, type Filters } from "./dimensions";
import { LanguageContext, speak, useLanguage } from "./i18n/language";
import { chooseLanguage } from "./i18n/translate";
import { Problem } from "./problem";
import { useReading } from "./reading";
import { situationOf } from "./situation";
import { keepToken, readToken, takeTokenFromAddress, tokenIn } from "./token";
import { DEFAULTS, isOver, printView, question, type View } from "./view";

export interface Intervals {
  readonly realtimeMs: number;
  readonly statsMs: number;
  /** Of a period in which nothing happens any more. */
  readonly overMs: number;
}

interface AppProps {
  /** null until they are known. */
  readonly settings: Config | Problem | null;
  readonly intervals: Intervals;
}

export function App({ settings, intervals }: AppProps) {
  const [view, changeView] = useView();
  const language = chooseLanguage(new URLSearchParams(view.lang === null ? "" : { lang: view.lang }), navigator.languages);
  const speech = useMemo(() => speak(language, navigator.languages), [language]);
  const config = settings instanceof Problem ? null : settings;
  const access = useAccess(config);
  const api = useMemo(() => config && new Api(config, readToken), [config]);
  const asked = config !== null && access.mayRead ? `${access.token ?? ""} ` : null;
  const liveView = { ...DEFAULTS, site: view.site, filters: { ...liveFilters(view.filters), ...feedOf(view) } };
  const live = useReading(asked && asked + printView(liveView), () => intervals.realtimeMs,
    (signal) => needed(api).realtime(view, signal));
  const stats = useReading(asked && asked + question(view), () => (isOver(view.range, today()) ? intervals.overMs : intervals.statsMs),
    (signal) => needed(api).stats(view, signal));

  const isRefused = live.problem?.kind === "unauthorised" || stats.problem?.kind === "unauthorised";
  useEffect(() => {
    if (isRefused) access.refuse();
  }, [isRefused]);
  const site = api ? api.siteOf(view) : view.site;
  useHead(language, site, live.answer?.active_visitors ?? null);

  const situation = situationOf(view, site, live, stats);
  const mayShow = !(settings instanceof Problem) && access.mayRead && (situation === "loading" || situation === "figures");

  return (
    <LanguageContext.Provider value={speech}>
      <SkipLink />
      <TopBar config={config} view={view} site={site} token={access.token} mayRead={access.mayRead} live={live} stats={stats}
        onChange={changeView} />
      <main id="figures" tabIndex={-1} data-state={mayShow ? situation : undefined}>
        <Heading site={site} />
        {content()}
      </main>
      <Foot />
    </LanguageContext.Provider>
  );

  function content() {
    if (settings instanceof Problem) return <ErrorPanel problem={settings} reading={null} onRetry={() => location.reload()} />;
    if (config && !access.mayRead) return <TokenPanel config={config} wasRefused={access.wasRefused} onToken={access.give} />;
    const failing = stats.problem ? stats : live;
    if (situation === "error" && failing.problem)
      return <ErrorPanel problem={failing.problem} reading={failing} onRetry={retry} onStartOver={startOver} />;
    if (situation === "empty" && config) return <EmptyPanel config={config} />;
    const isShared = live.problem !== null && live.problem.kind === stats.problem?.kind;
    return (
      <>
        {situation === "loading" && <Loading />}
        {isShared ? <Notice reading={live} part="both" /> : (
          <>
            <Notice reading={live} part="live" />
            {stats.answer && <Notice reading={stats} part="period" />}
          </>
        )}
        <Live live={live} filters={view.filters} />
        <Period api={api} view={view} today={today()} stats={stats} onChange={changeView} />
        <Lists api={api} view={view} stats={stats} onChange={changeView} />
        <Feed live={live} type={feedOf(view).event_type} />
      </>
    );
  }

  function startOver() {
    changeView({ ...DEFAULTS, lang: view.lang });
  }

  function retry() {
    live.retry();
    stats.retry();
  }
}

interface Access {
  readonly token: string | null;
  readonly mayRead: boolean;
  readonly wasRefused: boolean;
  readonly give: (token: string) => void;
  /** The API did not take the token: it is forgotten. */
  readonly refuse: () => void;
}

function useAccess(config: Config | null): Access {
  const [token, setToken] = useState(readToken);
  const [refused, setRefused] = useState<"no" | "token" | "without">("no");
  const take = (given: string | null) => {
    keepToken(given);
    setToken(given);
    setRefused("no");
  };
  useEffect(() => {
    const onHash = () => takeTokenFromAddress() && take(readToken());
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);
  return {
    token,
    mayRead: refused === "no" && (config === null || config.isPublic || token !== null),
    wasRefused: refused === "token",
    give: (given) => take(tokenIn(given)),
    refuse: () => {
      keepToken(null);
      setRefused(token === null ? "without" : "token");
      setToken(null);
    },
  };
}

/** What lies outside of the components: language and title of the document. */
function useHead(language: string, site: string | null, activeVisitors: number | null): void {
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    document.title = [activeVisitors, site, "LiveInsight"].filter((part) => part !== null).join(" · ");
  }, [site, activeVisitors]);
}

function SkipLink() {
  const { t } = useLanguage();
  return <a class="skip" href="#figures">{t("skip")}</a>;
}

function Heading({ site }: { readonly site: string | null }) {
  const { t } = useLanguage();
  return <h1 class="unseen">{t("heading", { site: site ?? t("all_sites") })}</h1>;
}

function Loading() {
  const { t } = useLanguage();
  return <p class="unseen" role="status">{t("reading_first")}</p>;
}

function Foot() {
  const { t } = useLanguage();
  return <footer class="foot"><p>{t("foot")} <DemoLink /></p></footer>;
}

/** Which events the feed shows: those that are filtered by. */
const feedOf = ({ filters }: View): Filters => (filters.event_type === undefined ? {} : { event_type: filters.event_type });

function needed(api: Api | null): Api {
  if (api === null) throw new Error("There is a question before there are settings.");
  return api;
}

/** The day in the reader's time zone: "2026-11-26". */
const today = (): string => dayOf(Date.now(), timeZone());
