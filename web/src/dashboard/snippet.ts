// What an owner pastes into the pages of the site.
import type { Config } from "./config";

export function trackerSnippet({ apiUrl, site }: Config, base: string): string {
  const quoted = (value: string) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const script = new URL("liveinsight.js", base).href;
  const siteSetting = site ? ` data-site="${quoted(site)}"` : "";
  return `<script defer src="${quoted(script)}"\n  data-api="${quoted(new URL(apiUrl, base).href)}"${siteSetting}></script>`;
}
