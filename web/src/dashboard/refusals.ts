// Why the API refuses a question, in the reader's language: by the code and the parameter that it names.
import { FILTERS } from "./dimensions";
import type { Translate } from "./i18n/translate";
import type { Refusal } from "./problem";

/** null: only the API's own words tell. */
export function refusalText({ code, field }: Refusal, t: Translate): string | null {
  if (code === "site_not_allowed") return t("refused_site_not_allowed");
  if (code === "origin_not_allowed") return t("refused_origin_not_allowed");
  if (code !== "invalid_field") return null;
  if (field === "range") return t("refused_range");
  if (field === "timezone") return t("refused_timezone");
  if (field === "site") return t("refused_site");
  const filter = FILTERS.find((name) => name === field);
  return filter ? t("refused_filter", { filter: t(`filter_${filter}`) }) : null;
}
