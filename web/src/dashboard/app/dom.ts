// @ts-nocheck
// Builds elements. Text becomes a text node and nothing else: what visitors send is never read as markup.

/** h("p", { class: "hint", hidden: true }, "text", child, null) */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

export function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

const shown = new WeakMap();

/** Calls draw only when the value differs from what the element shows: no flicker, no lost selection or focus. */
export function redrawWhenChanged(element, value, draw) {
  const signature = JSON.stringify(value);
  if (shown.get(element) === signature) return;
  shown.set(element, signature);
  draw();
}
