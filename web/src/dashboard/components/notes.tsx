// What has to be known about figures, in small print below them; louder where something is missing from them.
interface NotesProps {
  readonly id: string;
  readonly texts: readonly string[];
  readonly isWarning: boolean;
}

export function Notes({ id, texts, isWarning }: NotesProps) {
  return <p id={id} class={`note${isWarning ? " is-warning" : ""}`}>{texts.join(" ")}</p>;
}
