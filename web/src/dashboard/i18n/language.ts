// The language of the page, for every component below <LanguageContext.Provider value={speak(...)}>.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { formatFor, type Format } from "../format";
import { localeOf, translator, type Language, type Translate } from "./translate";

/** A language in use: its texts, and numbers, durations and dates as it writes them. */
export interface Speech {
  readonly language: Language;
  readonly locale: string;
  readonly t: Translate;
  readonly format: Format;
}

export function speak(language: Language, preferred: readonly string[] = []): Speech {
  const locale = localeOf(language, preferred);
  const t = translator(language, locale);
  return { language, locale, t, format: formatFor(locale, t) };
}

export const LanguageContext = createContext<Speech>(speak("en"));

/** `const { t, format } = useLanguage()`. */
export const useLanguage = (): Speech => useContext(LanguageContext);
