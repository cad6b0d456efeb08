// Which language the page speaks, and its texts with their values filled in.
import { onceAsked } from "../format";
import { en } from "./en";
import { ko } from "./ko";
import type { Message, ValuesOf } from "./messages";

export type Language = "en" | "ko";
export type Key = keyof typeof en;
export type Value = string | number;

/** What English asks for; a language that says it in another way may be given more. */
type Values<K extends Key> = Readonly<Record<ValuesOf<(typeof en)[K]>, Value>> & Readonly<Record<string, Value>>;
/** The text of a key; a message with `{name}`s wants those values. Numbers are written as the locale does. */
export type Translate = <K extends Key>(
  key: K,
  ...values: [ValuesOf<(typeof en)[K]>] extends [never] ? [] : [Values<K>]
) => string;

const TEXTS: Readonly<Record<Language, Readonly<Record<Key, Message>>>> = { en, ko };

export const LANGUAGES: readonly { language: Language; name: string }[] = [
  { language: "en", name: "English" },
  { language: "ko", name: "한국어" },
];

const languageOf = (tag: string): Language | undefined =>
  LANGUAGES.find(({ language }) => tag.toLowerCase().split("-")[0] === language)?.language;

/** `?lang=` if it names a known language, else the first known one that the browser prefers, else English. */
export function chooseLanguage(params: URLSearchParams, preferred: readonly string[]): Language {
  for (const tag of [params.get("lang") ?? "", ...preferred]) {
    const language = languageOf(tag);
    if (language) return language;
  }
  return "en";
}

/** How dates and numbers are written: the browser's own variety of the language ("en-GB"), where it has one. */
export const localeOf = (language: Language, preferred: readonly string[]): string =>
  preferred.find((tag) => languageOf(tag) === language) ?? language;

export function translator(language: Language, locale: string = language): Translate {
  const texts = TEXTS[language];
  const numbers = onceAsked(() => new Intl.NumberFormat(locale));
  const plurals = onceAsked(() => new Intl.PluralRules(language));
  const written = (value: Value | undefined): string =>
    typeof value === "number" ? numbers().format(value) : (value ?? "");
  return (key, ...[values]) => {
    const given: Readonly<Record<string, Value>> = values ?? {};
    return formOf(texts[key], given, plurals).replace(/\{(\w+)\}/g, (_, name: string) => written(given[name]));
  };
}

function formOf(message: Message, values: Readonly<Record<string, Value>>, plurals: () => Intl.PluralRules): string {
  if (typeof message === "string") return message;
  const isOne = typeof values["count"] === "number" && plurals().select(values["count"]) === "one";
  return (isOne ? message.one : undefined) ?? message.other;
}
