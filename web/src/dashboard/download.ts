// Hands a text to the browser as a file to keep.

export function download(name: string, text: string): void {
  const marked = `\ufeff${text}`; // without the mark, spreadsheets read UTF-8 as something else
  const url = URL.createObjectURL(new Blob([marked], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
