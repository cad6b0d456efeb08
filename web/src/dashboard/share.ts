// A link to what is looked at. With the token behind `#`, which browsers do not send: it reads, and only reads.
import { printView, type View } from "./view";

export function sharedLink(page: string, view: View, token: string | null): string {
  const url = new URL(page);
  url.search = printView(view);
  url.hash = token === null ? "" : new URLSearchParams({ token }).toString();
  return url.href;
}

/** False where the browser forbids it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
