// Probabilities of one drug: a line a sample, or for many samples a lane a call.

import { CALLS, MEANINGS, callOf, markOf } from "./calls.js";
import { draw } from "./dom.js";

const WIDTH = 440;
const MOST_LINES = 30;
const LONGEST_NAME = 18;
const RIGHT = 345;
const LETTER = 6.6; // about the width of one, at 12 units
const LINE = 24;
const LANE = 64;
const LANES_FROM = 140;
const LANES_TO = 425;
const BINS = 50;

export function dotPlot(drug, predictions) {
  const many = predictions.length > MOST_LINES;
  const [left, right] = many ? [LANES_FROM, LANES_TO] : [leftOf(predictions), RIGHT];
  const placeOf = (probability) => left + probability * (right - left);
  const parts = many ? lanes(predictions, placeOf) : lines(predictions, placeOf);
  const bottom = 8 + (many ? LANE * callsIn(predictions).length : LINE * predictions.length);
  return draw("svg", {
    viewBox: `0 0 ${WIDTH} ${bottom + 44}`, role: "img", class: "card-plot",
    "aria-label": `${drug}: probability of being sensitive, ${summary(predictions)}`,
  }, ...axis(bottom, placeOf), ...parts);
}

function callsIn(predictions) {
  return CALLS.filter((call) => predictions.some((one) => callOf(one) === call));
}

export function summary(predictions) {
  const counts = CALLS.map((call) =>
    [call, predictions.filter((one) => callOf(one) === call).length]);
  return counts.filter(([, count]) => count).map(([call, count]) => `${count} ${call}`).join(", ");
}

// Names have as much room as the longest needs, and not more than a third.
function leftOf(predictions) {
  const longest = Math.max(...predictions.map((one) => one.sample_id.length));
  return 24 + LETTER * Math.min(longest, LONGEST_NAME);
}

function axis(bottom, placeOf) {
  const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((value) => [
    draw("line", { x1: placeOf(value), x2: placeOf(value), y1: 4, y2: bottom, class: "grid" }),
    words(placeOf(value), bottom + 15, String(value), "soft", "middle"),
  ]);
  return [...ticks,
    draw("line", { x1: placeOf(0), x2: placeOf(1), y1: bottom, y2: bottom, class: "axis" }),
    words(placeOf(0.5), bottom + 34, "probability of being sensitive", "ink", "middle")];
}

function lines(predictions, placeOf) {
  return predictions.flatMap((one, place) => {
    const y = 8 + LINE * place + LINE / 2;
    const call = callOf(one);
    const name = one.sample_id;
    const shown = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
    const dot = markOf(call, placeOf(one.probability_sensitive), y, 5.5);
    dot.append(hint(one, call));
    const label = words(placeOf(0) - 12, y + 4, shown, "ink", "end");
    label.append(draw("title", {}, name));
    return [label, dot,
      words(RIGHT + 14, y + 4, call === "neither" ? "no call ✕" : call, "ink", "start")];
  });
}

function lanes(predictions, placeOf) {
  return callsIn(predictions).flatMap((call, place) => {
    const base = 8 + LANE * (place + 1) - 6;
    const held = predictions.filter((one) => callOf(one) === call);
    const bins = new Map();
    for (const one of held) {
      const bin = Math.min(BINS - 1, Math.floor(one.probability_sensitive * BINS));
      bins.set(bin, [...(bins.get(bin) ?? []), one]);
    }
    const tallest = Math.max(1, ...[...bins.values()].map((some) => some.length));
    const step = Math.min(6, (LANE - 14) / tallest);
    const dots = [...bins].flatMap(([bin, some]) => some.map((one, height) => {
      const dot = markOf(call, placeOf((bin + 0.5) / BINS), base - step * (height + 0.5), 2.6);
      dot.classList.add("small");
      dot.append(hint(one, call));
      return dot;
    }));
    const name = call === "neither" ? "like nothing seen" : call;
    return [words(placeOf(0) - 12, base - 12, `${held.length} ${name}`, "ink", "end"), ...dots];
  });
}

function hint(one, call) {
  return draw("title", {}, `${one.sample_id}: ${one.probability_sensitive.toFixed(2)}, ` +
    `${call} (${MEANINGS[call]})`);
}

function words(x, y, text, look, anchor) {
  return draw("text", { x, y, class: look, "text-anchor": anchor }, text);
}
