// @ts-nocheck
// Two charts in plain SVG. The drawing stretches with its box; words and lines on top of it are HTML and stay sharp.
import { h, redrawWhenChanged, svg } from "./dom";
import { shortCount } from "./format";

const HEIGHT = 100;

/** Bars. points: [{ value, partial, tip }], oldest first; summary: what a screen reader says instead of the picture. */
export function drawBars(box, points, summary) {
  redrawWhenChanged(box, { points, summary }, () => {
    const top = niceTop(points.map((point) => point.value));
    const bars = points.map(({ value, partial }, index) => {
      const height = value ? Math.max((value / top) * HEIGHT, 2) : 0.8;
      const shape = { x: index * 10 + 1, y: HEIGHT - height, width: 8, height };
      return svg("rect", { ...shape, class: `bar${partial ? " partial" : ""}${value ? "" : " none"}` });
    });
    putChart(box, { width: points.length * 10, top, summary, points, shapes: bars });
  });
}

/** An area (point.value) with a line over it (point.second). */
export function drawArea(box, points, summary) {
  redrawWhenChanged(box, { points, summary }, () => {
    const top = niceTop(points.flatMap((point) => [point.value, point.second]));
    const path = (of) =>
      points.map((point, index) => `${index ? "L" : "M"}${index * 10 + 5} ${HEIGHT - (of(point) / top) * HEIGHT}`).join("");
    const outline = path((point) => point.value);
    const last = points.length * 10 - 5;
    putChart(box, {
      width: points.length * 10, top, summary, points,
      shapes: [
        svg("path", { d: `${outline}L${last} ${HEIGHT}L5 ${HEIGHT}Z`, class: "area" }),
        svg("path", { d: outline, class: "line" }),
        svg("path", { d: path((point) => point.second), class: "line second" }),
      ],
    });
  });
}

function putChart(box, { width, top, summary, points, shapes }) {
  const picture = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": summary });
  picture.append(...shapes);
  const scale = h("div", { class: "scale", "aria-hidden": true }, h("span", {}, shortCount(top)), h("span", {}, shortCount(top / 2)));
  const tip = h("p", { class: "tip", hidden: true });
  const marker = h("div", { class: "marker", hidden: true });
  const plot = h("div", { class: "plot" }, picture, marker, tip);
  box.replaceChildren(scale, plot);
  explainUnderPointer(box, plot, points, tip, marker);
}

function explainUnderPointer(box, plot, points, tip, marker) {
  const show = (clientX) => {
    const { left, width } = plot.getBoundingClientRect();
    const index = Math.min(points.length - 1, Math.max(0, Math.floor(((clientX - left) / width) * points.length)));
    const centre = ((index + 0.5) / points.length) * width;
    tip.textContent = points[index].tip;
    tip.hidden = marker.hidden = false;
    marker.style.left = `${centre}px`;
    tip.style.left = `${Math.min(width - tip.offsetWidth, Math.max(0, centre - tip.offsetWidth / 2))}px`;
  };
  plot.onpointermove = (event) => {
    box.pointerX = event.clientX;
    show(event.clientX);
  };
  plot.onpointerleave = () => {
    box.pointerX = null;
    tip.hidden = marker.hidden = true;
  };
  if (box.pointerX) show(box.pointerX); // the picture was redrawn under a resting pointer
}

/** The smallest 1, 2, 4, 6 or 8 times a power of ten that holds every value and has a whole half. */
function niceTop(values) {
  const largest = Math.max(2, ...values);
  const power = 10 ** Math.floor(Math.log10(largest));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((top) => top >= largest && top % 2 === 0);
}
