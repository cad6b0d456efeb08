// The series in figures, for whoever reads rather than looks; drawn only while it is open.
import { useState } from "preact/hooks";
import type { Stats } from "../answers";
import { useLanguage } from "../i18n/language";
import { METRICS } from "../view";
import { written } from "./totals";

export function SeriesTable({ stats }: { readonly stats: Stats }) {
  const { t, format } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const { step, timezone } = stats.query;
  return (
    <details class="table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("as_table")}</summary>
      {isOpen && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("as_table")}>
          <table>
            <thead>
              <tr><th scope="col">{t("time")}</th>{METRICS.map((metric) => <th key={metric} scope="col">{t(`metric_${metric}`)}</th>)}</tr>
            </thead>
            <tbody>
              {stats.series.map((point) => (
                <tr key={point.t}>
                  <th scope="row">{format.moment(point.t, step, timezone)}</th>
                  {METRICS.map((metric) => <td key={metric}>{written(metric, point[metric], format)}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
