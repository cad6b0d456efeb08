/** The tag of this script. A module has no currentScript. */
export const tag = (document.currentScript ?? document.querySelector("script[data-api]")) as HTMLScriptElement | null;

/** Its `data-*` attributes, without `data-`. */
export const settings: DOMStringMap = tag?.dataset ?? {};

/** Where events go. */
export const endpoint = settings.api?.replace(/\/*$/, "/api/events") ?? "";
