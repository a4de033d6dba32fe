// What a prediction says: a call, with one colour and one shape everywhere.

import { draw, make } from "./dom.js";

export const CALLS = ["sensitive", "no call", "neither", "resistant"];
export const MEANINGS = {
  sensitive: "resistant is ruled out",
  resistant: "sensitive is ruled out",
  "no call": "neither is ruled out",
  neither: "no call: unlike anything seen",
};

// The conformal set in a word: both classes are no call, and so is none.
export function callOf(prediction) {
  const set = prediction.conformal_set;
  if (set.length === 2) return "no call";
  return set.length === 1 ? set[0] : "neither";
}

export function markOf(call, x, y, size) {
  const look = `mark ${call.replace(" ", "-")}`;
  if (call === "sensitive") return draw("circle", { cx: x, cy: y, r: size, class: look });
  const reach = size * 1.25;
  const paths = {
    resistant: `M${x} ${y - reach} L${x + reach} ${y + reach * 0.8} L${x - reach} ${y + reach * 0.8} Z`,
    "no call": `M${x} ${y - reach} L${x + reach} ${y} L${x} ${y + reach} L${x - reach} ${y} Z`,
    neither: `M${x - size} ${y - size} L${x + size} ${y + size} M${x - size} ${y + size} L${x + size} ${y - size}`,
  };
  return draw("path", { d: paths[call], class: look });
}

export function callCell(call) {
  const key = draw("svg", { viewBox: "0 0 16 16", class: "card-plot key", "aria-hidden": "true" },
    markOf(call, 8, 8, 5));
  return make("span", { class: "call" }, key, call === "neither" ? "no call (like nothing seen)" : call);
}

export function legend() {
  return make("ul", { class: "legend-row", "aria-label": "Marks" },
    ...CALLS.map((call) => make("li", {}, callCell(call),
      call === "neither" ? "" : `: ${MEANINGS[call]}`)));
}
