/** The tag of this script; a module has no currentScript. Any element will do where there is none: it says nothing. */
export const tag = (document.currentScript ?? document.querySelector("script[data-api]") ?? document.documentElement) as HTMLScriptElement;

/** Its `data-*` attributes, without `data-`. */
export const settings = tag.dataset;

/** Where events go. */
export const endpoint = settings.api?.replace(/\/*$/, "/api/events") as string;
