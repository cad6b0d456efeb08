// The filters that are on, each with a way to take it off.
import type { ChangeView } from "../address";
import { FILTERS } from "../dimensions";
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
  if (chosen.length === 0) return null;
  return (
    <div class="filters" role="group" aria-label={t("filters")}>
      <ul>
        {chosen.map(({ filter, text }) => (
          <li key={filter}>
            <button type="button" class="chip" aria-label={t("filter_remove", { filter: text })} title={text}
              onClick={() => onChange(withoutFilter(view, filter))}>
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
  return <button type="button" class="link-button" onClick={() => onChange({ ...view, filters: {} })}>{t("filters_clear")}</button>;
}
