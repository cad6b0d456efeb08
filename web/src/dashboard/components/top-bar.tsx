// Whose figures these are, how fresh, in which language; and the way to share them.
import { useState } from "preact/hooks";
import type { Realtime, Stats } from "../answers";
import type { ChangeView } from "../address";
import type { Config } from "../config";
import { useLanguage } from "../i18n/language";
import { LANGUAGES } from "../i18n/translate";
import type { Reading } from "../reading";
import type { View } from "../view";
import { Freshness } from "./freshness";
import { ShareDialog } from "./share-dialog";

export interface TopBarProps {
  readonly config: Config | null;
  readonly view: View;
  readonly site: string | null;
  readonly token: string | null;
  readonly mayRead: boolean;
  readonly live: Reading<Realtime>;
  readonly stats: Reading<Stats>;
  readonly onChange: ChangeView;
}

export function TopBar(props: TopBarProps) {
  const { config, view, token, mayRead, onChange } = props;
  const { t } = useLanguage();
  const [isSharing, setSharing] = useState(false);
  return (
    <header class="topbar">
      <a class="brand" href="index.html"><img src="favicon.svg" alt="" width="28" height="28" /><span>LiveInsight</span></a>
      <div class="where">
        {config && <SitePicker {...props} />}
        {config?.environment && <span class="badge environment">{config.environment}</span>}
      </div>
      <div class="tools">
        {mayRead && <Freshness live={props.live} stats={props.stats} />}
        <LanguagePicker view={view} onChange={onChange} />
        {mayRead && <button type="button" class="button is-quiet share" onClick={() => setSharing(true)}>{t("share")}</button>}
      </div>
      {isSharing && config && (
        <ShareDialog view={view} token={config.isPublic ? null : token} onClose={() => setSharing(false)} />
      )}
    </header>
  );
}

function SitePicker({ view, site, stats, onChange }: TopBarProps) {
  const { t } = useLanguage();
  const known = stats.answer?.query.known_sites ?? [];
  const sites = site === null || known.includes(site) ? known : [site, ...known];
  if (sites.length < 2) return <span class="site">{site ?? sites[0] ?? t("all_sites")}</span>;
  return (
    <select class="select site" aria-label={t("site")} value={site ?? ""}
      onChange={(event) => onChange({ ...view, site: event.currentTarget.value || null })}>
      <option value="">{t("all_sites")}</option>
      {sites.map((name) => <option key={name} value={name}>{name}</option>)}
    </select>
  );
}

function LanguagePicker({ view, onChange }: Pick<TopBarProps, "view" | "onChange">) {
  const { t, language } = useLanguage();
  return (
    <select class="select language" aria-label={t("language")} value={language}
      onChange={(event) => onChange({ ...view, lang: event.currentTarget.value }, "replace")}>
      {LANGUAGES.map((known) => <option key={known.language} value={known.language} lang={known.language}>{known.name}</option>)}
    </select>
  );
}
