// One gene that can be moved: a slider over the range of the training lines, and a number beside it.

import { make } from "./dom.js";

const FALLBACK_SD = 3; // either side of the mean, where the bundle keeps no lines

// `move(value)` is told the new value, null for the one that was given.
export function geneRow(about, move) {
  const { gene, mean, sd, given } = about;
  const low = hundredth(about.low ?? Math.max(mean - FALLBACK_SD * sd, 0), Math.floor);
  const high = hundredth(about.high ?? mean + FALLBACK_SD * sd, Math.ceil);
  const start = given ?? mean;
  const id = `move-${gene.replaceAll(/[^A-Za-z0-9]/g, "_")}`;
  const slider = make("input", { type: "range", id, min: low, max: high, step: 0.01,
    "aria-describedby": `${id}-help ${id}-outside` });
  const number = make("input", { type: "number", min: 0, step: 0.01, "aria-label": `${gene}, log2`,
    "aria-describedby": `${id}-help ${id}-outside` });
  const back = make("button", { type: "button", class: "small", disabled: true },
    "Undo", make("span", { class: "unseen" }, ` the move of ${gene}`));
  const help = make("p", { class: "help", id: `${id}-help` });
  const outside = make("p", { class: "outside", id: `${id}-outside` });
  let attributions = "";

  function show(value, { number: alsoNumber = true } = {}) {
    slider.value = String(value);
    slider.setAttribute("aria-valuetext", `${value.toFixed(2)}, log2`);
    if (alsoNumber) number.value = value.toFixed(2);
    outside.textContent = outsideWords(value, about);
    help.textContent = [rangeWords(about, low, high), placeWords(value, about), attributions]
      .filter(Boolean).join("; ");
  }

  function take(value, options) {
    back.disabled = false;
    show(value, options);
    move(value);
  }

  function putBack() {
    back.disabled = true;
    show(start);
  }

  slider.addEventListener("input", () => take(Number(slider.value)));
  number.addEventListener("input", () => {
    const value = number.valueAsNumber;
    if (Number.isFinite(value) && value >= 0) take(value, { number: false });
  });
  back.addEventListener("click", () => {
    putBack();
    move(null);
    slider.focus();
  });
  show(start);
  return {
    item: make("li", {}, make("label", { for: id }, gene), slider, number, back, help, outside),
    putBack,
    focus: () => slider.focus(),
    say(before, now) {
      const same = Math.abs(before - now) < 0.005;
      attributions = same ? `gives ${signed(now)} log-odds`
        : `gave ${signed(before)}, gives ${signed(now)} log-odds now`;
      show(number.valueAsNumber >= 0 ? number.valueAsNumber : start, { number: false });
    },
  };
}

function rangeWords({ low, given }, from, to) {
  const range = low === null ? "the bundle keeps no training lines; three standard deviations are shown"
    : `lines ${from.toFixed(2)} to ${to.toFixed(2)}`;
  return `${range}; ${given === null ? "missing from the profile: the mean stands in"
    : `given ${given.toFixed(2)}`}`;
}

function placeWords(value, { z, mean, sd }) {
  if (!z) return "";
  const below = z.filter((one) => mean + sd * one < value).length;
  return `now above ${Math.round(100 * below / z.length)}% of lines`;
}

function outsideWords(value, { low, high }) {
  if (low === null || (value >= low - 0.005 && value <= high + 0.005)) return "";
  return `${value < low ? "Below" : "Above"} every training line: the model was never shown such a value.`;
}

const hundredth = (value, round) => round(value * 100) / 100;

// A number as text, with a minus instead of a hyphen.
export const minus = (text) => text.replace("-", "−");

// +0.21, −0.21, and 0.00 for what rounds to nothing.
export function signed(value, digits = 2) {
  const size = Math.abs(value).toFixed(digits);
  return Number(size) === 0 ? size : `${value < 0 ? "−" : "+"}${size}`;
}
