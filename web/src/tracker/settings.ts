// What the script tag says. A module has no currentScript, and neither has a script that a bundler took in.
const tags = [document.currentScript, document.querySelector("script[data-api]")] as (HTMLScriptElement | null)[];

/** The tag of this script. */
export const tag = tags.find((element) => element?.dataset.api);

/** Its `data-*` attributes, without `data-`. */
export const settings: DOMStringMap = tag?.dataset ?? {};

/** Where events go. */
export const endpoint = settings.api?.replace(/\/*$/, "/api/events") ?? "";
