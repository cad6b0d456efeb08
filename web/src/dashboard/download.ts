// Hands a text to the browser as a file to keep.

import { csv, fileName, type Cell } from "./csv";
import { rangeParameter, type View } from "./view";

/** The file is named for what it is of: the site (null: all of them), parts of the answer, the range. */
export function saveCsv(rows: readonly (readonly Cell[])[], site: string | null, range: View["range"], ...parts: string[]): void {
  download(fileName(site ?? "all sites", ...parts, rangeParameter(range).replace(",", " ")), csv(rows));
}

function download(name: string, text: string): void {
  const marked = `\ufeff${text}`; // without the mark, spreadsheets read UTF-8 as something else
  const url = URL.createObjectURL(new Blob([marked], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
