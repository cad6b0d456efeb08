// A whole list: as far as the API goes, with a search in it, and as a file.
import { useEffect, useState } from "preact/hooks";
import { LONGEST_LIST, type Api } from "../api";
import type { Counted } from "../answers";
import { listRows } from "../csv";
import { LIST_OF, type Filter } from "../dimensions";
import { saveCsv } from "../download";
import { useLanguage } from "../i18n/language";
import { nameOf } from "../names";
import { Problem } from "../problem";
import type { View } from "../view";
import { Dialog } from "./dialog";
import { useProblemText } from "./notice";
import { Rows } from "./rows";

interface ListDialogProps {
  readonly api: Api;
  readonly view: View;
  readonly filter: Filter;
  readonly onClose: () => void;
  readonly onChoose: (value: string) => void;
}

export function ListDialog(props: ListDialogProps) {
  const { api, view, filter, onClose, onChoose } = props;
  const speech = useLanguage();
  const { t } = speech;
  const [rows, setRows] = useState<readonly Counted[] | Problem | null>(null);
  const [wanted, setWanted] = useState("");
  useEffect(() => {
    const reading = new AbortController();
    api.stats(view, reading.signal, LONGEST_LIST).then(
      ({ answer }) => setRows(answer.top[LIST_OF[filter]] ?? []),
      (problem: unknown) => problem instanceof Problem && setRows(problem),
    );
    return () => reading.abort();
  }, []);
  const found = rows instanceof Problem || rows === null ? []
    : rows.filter(({ name }) => matches(wanted, name, nameOf(filter, name, speech)));
  const choose = (value: string) => {
    onClose();
    onChoose(value);
  };
  return (
    <Dialog title={t(`filter_${filter}`)} className="list-dialog" onClose={onClose}>
      {rows === null ? <p class="hint" role="status">{t("reading")}</p> : rows instanceof Problem ? <Failed problem={rows} /> : (
        <>
          <div class="actions">
            <input class="input" type="search" aria-label={t("search")} placeholder={t("search")} value={wanted}
              onInput={(event) => setWanted(event.currentTarget.value)} />
            <button type="button" class="button is-quiet small" onClick={() => save(props, rows)}>{t("download_csv")}</button>
          </div>
          <div class="list-panel scroll" tabIndex={0} role="region" aria-label={t(`filter_${filter}`)}>
            <p class="hint" role="status">{t("names_found", { count: found.length })}</p>
            <Rows filter={filter} rows={found} chosen={view.filters[filter]} onChoose={choose} />
          </div>
        </>
      )}
    </Dialog>
  );
}

function Failed({ problem }: { readonly problem: Problem }) {
  return <p role="alert">{useProblemText(problem)}</p>;
}

const matches = (wanted: string, ...names: string[]): boolean =>
  names.some((name) => name.toLocaleLowerCase().includes(wanted.trim().toLocaleLowerCase()));

function save({ api, view, filter }: ListDialogProps, rows: readonly Counted[]): void {
  saveCsv(listRows(filter, rows), api.siteOf(view), view.range, LIST_OF[filter]);
}
