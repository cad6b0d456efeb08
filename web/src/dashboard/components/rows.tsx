// A top list: a bar, a name and a count a row; a click on a row filters by it.
import type { Counted } from "../answers";
import type { Filter } from "../dimensions";
import { useLanguage } from "../i18n/language";
import { nameOf } from "../names";

interface RowsProps {
  readonly filter: Filter;
  readonly rows: readonly Counted[];
  /** The value that is filtered by. */
  readonly chosen: string | undefined;
  readonly onChoose: (value: string) => void;
}

export const OTHER = "(other)"; // what the API sums the rest up under: no value, and nothing to filter by

export function Rows({ filter, rows, chosen, onChoose }: RowsProps) {
  const largest = Math.max(1, ...rows.map(({ count }) => count));
  return (
    <ol class="rows">
      {rows.map((row) => (
        <li key={row.name}>
          <Row filter={filter} row={row} share={row.count / largest} isChosen={row.name === chosen} onChoose={onChoose} />
        </li>
      ))}
    </ol>
  );
}

interface RowProps {
  readonly filter: Filter;
  readonly row: Counted;
  readonly share: number;
  readonly isChosen: boolean;
  readonly onChoose: (value: string) => void;
}

function Row({ filter, row, share, isChosen, onChoose }: RowProps) {
  const speech = useLanguage();
  const name = nameOf(filter, row.name, speech);
  const content = (
    <>
      <span class="share" aria-hidden="true" style={{ width: `${share * 100}%` }} />
      <span class="name" title={name}>{name}</span>{" "}
      <span class="count">{speech.format.shortCount(row.count)}</span>
    </>
  );
  if (row.name === OTHER) return <div class="row">{content}</div>;
  return <button type="button" class="row" aria-pressed={isChosen} onClick={() => onChoose(row.name)}>{content}</button>;
}
