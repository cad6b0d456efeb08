// The top lists, a card for what belongs together.
import { useState } from "preact/hooks";
import type { ChangeView } from "../address";
import type { Api } from "../api";
import type { Counted, Stats } from "../answers";
import { CARDS, LIST_OF, unitOf, type Filter } from "../dimensions";
import { useLanguage } from "../i18n/language";
import type { Reading } from "../reading";
import { toggleFilter, type View } from "../view";
import { ListDialog } from "./list-dialog";
import { OTHER, Rows } from "./rows";
import { Tabs } from "./tabs";

const SHOWN = 8;

interface ListsProps {
  readonly api: Api | null;
  readonly view: View;
  readonly stats: Reading<Stats>;
  readonly onChange: ChangeView;
}

export function Lists(props: ListsProps) {
  const { answer, isOld, problem } = props.stats;
  if (!answer && problem) return null;
  return (
    <div class={`lists${answer === null ? " is-loading" : isOld ? " is-old" : ""}`} id="lists">
      {CARDS.map((filters) => <ListCard key={filters[0]} filters={filters} {...props} />)}
    </div>
  );
}

function ListCard({ filters, api, view, stats, onChange }: ListsProps & { readonly filters: readonly [Filter, ...Filter[]] }) {
  const { t } = useLanguage();
  const [filter, setFilter] = useState<Filter>(filters[0]);
  const [isWhole, setWhole] = useState(false);
  const id = `list-${filters[0]}`;
  const rows = stats.answer?.top[LIST_OF[filter]] ?? null;
  const choose = (value: string) => onChange(toggleFilter(view, filter, value));
  return (
    <section class="card list" aria-labelledby={`${id}-heading`}>
      <div class="card-head">
        <h2 id={`${id}-heading`}>{t(`card_${filters[0]}` as "card_page")}</h2>
        <p class="hint unit">{t(`unit_${unitOf(filter)}`)}</p>
      </div>
      {filters.length > 1 && (
        <Tabs id={id} label={t(`card_${filters[0]}` as "card_page")} chosen={filter} onChoose={setFilter}
          tabs={filters.map((name) => ({ name, title: t(`tab_${name}` as "tab_page") }))} />
      )}
      <div id={`${id}-panel`} class="list-panel"
        {...(filters.length > 1 ? { role: "tabpanel", "aria-labelledby": `${id}-${filter}` } : {})}>
        {rows === null ? <Skeleton /> : rows.length === 0 ? <p class="hint">{t("list_empty")}</p> : (
          <Rows filter={filter} rows={firstRows(rows)} chosen={view.filters[filter]} onChoose={choose} />
        )}
      </div>
      {rows !== null && hasMore(rows) && (
        <button type="button" class="link-button show-all" aria-haspopup="dialog" onClick={() => setWhole(true)}>
          {t("show_all")}<span class="unseen"> ({t(`filter_${filter}`)})</span>
        </button>
      )}
      {isWhole && api && (
        <ListDialog api={api} view={view} filter={filter} onClose={() => setWhole(false)} onChoose={choose} />
      )}
    </section>
  );
}

const firstRows = (rows: readonly Counted[]) => rows.slice(0, SHOWN);
const hasMore = (rows: readonly Counted[]) => rows.length > SHOWN || rows.some(({ name }) => name === OTHER);

/** As high as the rows that come. */
function Skeleton() {
  return (
    <ol class="rows" aria-hidden="true">
      {Array.from({ length: SHOWN }, (_, at) => <li key={at}><div class="row skeleton">{"\u00a0"}</div></li>)}
    </ol>
  );
}
