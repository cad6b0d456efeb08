// What the script tag says. A module has no currentScript, and neither has a script that a bundler took in.
const script = [document.currentScript, document.querySelector<HTMLScriptElement>("script[data-api]")].find(
  (element): element is HTMLScriptElement => !!(element as HTMLScriptElement | null)?.dataset.api,
);

/** The `data-*` attributes, without `data-`. */
export const settings: DOMStringMap = script?.dataset ?? {};

/** Where events go; empty without `data-api`. */
export const endpoint = settings.api ? settings.api.replace(/\/+$/, "") + "/api/events" : "";

/** A script from the folder of this one, with the leave that this one has. */
export const neighbour = (name: string): HTMLScriptElement => {
  const element = document.createElement("script");
  element.src = new URL(name, script?.src).href;
  element.nonce = script?.nonce ?? "";
  return element;
};
