// The filters that are on, each with a way to take it off.
import { useEffect, useRef } from "preact/hooks";
import type { ChangeView } from "../address";
import { FILTERS, type Filter } from "../dimensions";
import { useLanguage } from "../i18n/language";
import { nameOf } from "../names";
import { withoutFilter, type View } from "../view";

interface FiltersProps {
  readonly view: View;
  readonly onChange: ChangeView;
}

export function Filters({ view, onChange }: FiltersProps) {
  const speech = useLanguage();
  const { t } = speech;
  const chosen = FILTERS.flatMap((filter) => {
    const value = view.filters[filter];
    return value === undefined ? [] : [{ filter, text: `${t(`filter_${filter}`)}: ${nameOf(filter, value, speech)}` }];
  });
  const wasRemoved = useRef(false);
  useEffect(() => {
    if (!wasRemoved.current) return;
    wasRemoved.current = false; // the focus went with the button: on to the next one, or to what it was about
    const next = document.querySelector<HTMLElement>(".chip") ?? document.getElementById("period-heading");
    next?.focus();
  }, [chosen.length]);
  const remove = (filter: Filter) => {
    wasRemoved.current = true;
    onChange(withoutFilter(view, filter));
  };
  if (chosen.length === 0) return null;
  return (
    <div class="filters" role="group" aria-label={t("filters")}>
      <ul>
        {chosen.map(({ filter, text }) => (
          <li key={filter}>
            <button type="button" class="chip" aria-label={t("filter_remove", { filter: text })} title={text}
              onClick={() => remove(filter)}>
              <span class="chip-text">{text}</span><span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen.length > 1 && <ClearFilters view={view} onChange={onChange} />}
    </div>
  );
}

export function ClearFilters({ view, onChange }: FiltersProps) {
  const { t } = useLanguage();
  const clear = () => {
    onChange({ ...view, filters: {} });
    document.getElementById("period-heading")?.focus(); // this button goes with the filters
  };
  return <button type="button" class="link-button" onClick={clear}>{t("filters_clear")}</button>;
}
