// Which period is looked at, and whether it is compared with the one before.
import { useRef, useState } from "preact/hooks";
import type { ChangeView } from "../address";
import { useLanguage } from "../i18n/language";
import { areDays, RANGES, type Days, type View } from "../view";

interface ControlsProps {
  readonly view: View;
  /** Today in the reader's time zone, "2026-11-26": no period ends later. */
  readonly today: string;
  readonly onChange: ChangeView;
}

export function Controls({ view, today, onChange }: ControlsProps) {
  const { t } = useLanguage();
  const isCustom = typeof view.range !== "string";
  const [isChoosing, setChoosing] = useState(false);
  const custom = useRef<HTMLButtonElement>(null);
  const choose = (range: View["range"]) => {
    setChoosing(false);
    onChange({ ...view, range });
  };
  const chooseDays = (days: Days) => {
    choose(days);
    custom.current?.focus(); // the form closes
  };
  return (
    <div class="controls">
      <div class="ranges" role="group" aria-label={t("range")}>
        {RANGES.map((range) => (
          <button key={range} type="button" class="range" aria-pressed={view.range === range} onClick={() => choose(range)}>
            {t(`range_${range}`)}
          </button>
        ))}
        <button ref={custom} type="button" class="range" aria-pressed={isCustom} aria-expanded={isChoosing} aria-controls="days"
          onClick={() => setChoosing(!isChoosing)}>
          {t("range_custom")}
        </button>
      </div>
      <label class="check">
        <input type="checkbox" checked={view.isCompared}
          onChange={(event) => onChange({ ...view, isCompared: event.currentTarget.checked })} />
        {t("compare")}
      </label>
      <div id="days" class="days" hidden={!isChoosing}>
        {isChoosing && <DaysForm days={isCustom ? view.range : { from: today, to: today }} today={today} onChoose={chooseDays} />}
      </div>
    </div>
  );
}

interface DaysProps {
  readonly days: Days;
  readonly today: string;
  readonly onChoose: (days: Days) => void;
}

function DaysForm({ days, today, onChoose }: DaysProps) {
  const { t } = useLanguage();
  const [chosen, setChosen] = useState(days);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const { from, to } = chosen;
    const ordered = from <= to ? chosen : { from: to, to: from };
    if (areDays(ordered)) onChoose(ordered);
  };
  const field = (name: keyof Days) => (
    <label class="field-label">
      {t(name === "from" ? "days_from" : "days_to")}
      <input class="input" type="date" required max={today} value={chosen[name]}
        onInput={(event) => setChosen({ ...chosen, [name]: event.currentTarget.value })} />
    </label>
  );
  return <form onSubmit={submit}>{field("from")}{field("to")}<button type="submit" class="button small">{t("days_apply")}</button></form>;
}
