// Plots beside a finding: attribution against value, and figures with their intervals.

import { markOf } from "./calls.js";
import { draw, make } from "./dom.js";

const WIDTH = 340; // about as wide as it is shown: its letters are as large as those beside it
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 328, 12, 172];
const HEIGHT = BOTTOM + 52;
const [NAMES_TO, FIGURES_FROM, LINE] = [122, 130, 30];

// What the classifier makes of a gene or set, over some of the training lines.
export function dependencePlot(subject, { value, log_odds: logOdds }) {
  const x = scale(value, LEFT, RIGHT);
  const y = scale([0, ...logOdds], BOTTOM, TOP);
  const marks = value.map((one, place) => markOf(
    logOdds[place] < 0 ? "resistant" : "sensitive", x(one), y(logOdds[place]), 3.2));
  const svg = draw("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "card-plot", role: "img",
    "aria-label": `Attribution of ${subject} against its value over ${value.length} training ` +
      `lines: ${trend(value, logOdds)}.`,
  }, ...ticks(x, (at) => ({ x1: at, x2: at, y1: TOP, y2: BOTTOM }),
    (at, text) => words(at, BOTTOM + 17, text, "soft", "middle")),
  ...ticks(y, (at) => ({ x1: LEFT, x2: RIGHT, y1: at, y2: at }),
    (at, text) => words(LEFT - 8, at + 4, text, "soft", "end")),
  draw("line", { x1: LEFT, x2: RIGHT, y1: y(0), y2: y(0), class: "axis" }),
  ...marks,
  words((LEFT + RIGHT) / 2, BOTTOM + 40, "expression, in SD from the training mean", "ink", "middle"),
  turned(15, (TOP + BOTTOM) / 2, "attribution, log-odds"));
  return withTable(svg, ["Expression (SD)", "Attribution (log-odds)"],
    value.map((one, place) => [one.toFixed(2), logOdds[place].toFixed(3)]),
    "Above 0 (circles) it speaks for sensitive, below 0 (triangles) for resistant. Some of the " +
    "training lines, at even steps of expression.");
}

// voices: { name, resistance, sensitivity }, numbers of who says what; none says nothing.
export function voicesPlot(subject, voices) {
  const [left, right] = [FIGURES_FROM + 44, RIGHT - 48];
  const bottom = TOP + 26 + LINE * voices.length;
  const said = ({ name, resistance, sensitivity }) => `${name}: ` +
    (numbers(resistance, sensitivity) || "no direction");
  const svg = draw("svg", {
    viewBox: `0 0 ${WIDTH} ${bottom + 6}`, class: "card-plot", role: "img",
    "aria-label": `What higher expression of ${subject} goes with. ${voices.map(said).join("; ")}.`,
  }, words(left, TOP + 6, "resistance", "soft", "middle"),
  words(right, TOP + 6, "sensitivity", "soft", "middle"),
  draw("line", { x1: (left + right) / 2, x2: (left + right) / 2, y1: TOP + 16, y2: bottom,
    class: "grid" }),
  ...voices.flatMap((voice, place) => {
    const y = TOP + 20 + LINE * (place + 0.5);
    return [words(NAMES_TO, y + 4, voice.name, "ink", "end"),
      ...side(voice.resistance, "resistant", left, y), ...side(voice.sensitivity, "sensitive", right, y),
      ...(voice.resistance || voice.sensitivity ? []
        : [words((left + right) / 2, y + 4, "no direction", "soft", "middle")])];
  }));
  return withTable(svg, ["Who", "Resistance", "Sensitivity"],
    voices.map(({ name, resistance, sensitivity }) => [name, resistance, sensitivity]));
}

function side(count, look, x, y) {
  if (!count) return [];
  return [markOf(look, x, y, 6), ...(count > 1 ? [words(x + 13, y + 4, `× ${count}`, "ink", "start")] : [])];
}

function numbers(resistance, sensitivity) {
  return [resistance ? `${resistance} resistance` : "", sensitivity ? `${sensitivity} sensitivity` : ""]
    .filter(Boolean).join(", ");
}

// rows: { name, value, low, high, look }; sides: words at the two ends of the axis.
export function forestPlot(label, rows, { reference = null, sides = null, axis }) {
  const ends = rows.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const x = scale(reference === null ? ends : [...ends, reference], FIGURES_FROM + 10, RIGHT - 10);
  const bottom = TOP + LINE * rows.length;
  const svg = draw("svg", {
    viewBox: `0 0 ${WIDTH} ${bottom + (sides ? 66 : 48)}`, class: "card-plot", role: "img",
    "aria-label": `${label}: ${rows.map((row) => `${row.name} ${figure(row)}`).join("; ")}.`,
  }, ...ticks(x, (at) => ({ x1: at, x2: at, y1: TOP - 4, y2: bottom }),
    (at, text) => words(at, bottom + 16, text, "soft", "middle")),
  reference === null ? null : draw("line", { x1: x(reference), x2: x(reference), y1: TOP - 4,
    y2: bottom, class: "axis" }),
  ...rows.flatMap((row, place) => forestRow(row, TOP + LINE * (place + 0.5), x)),
  words((FIGURES_FROM + RIGHT) / 2, bottom + 36, axis, "ink", "middle"),
  ...(sides ? [words(FIGURES_FROM, bottom + 56, `← ${sides[0]}`, "soft", "start"),
    words(RIGHT, bottom + 56, `${sides[1]} →`, "soft", "end")] : []));
  return withTable(svg, ["", axis], rows.map((row) => [row.name, figure(row)]));
}

export function figure({ value, low, high }) {
  const number = (one) => one.toFixed(2).replace("-", "−");
  const isKnown = low !== null && low !== undefined && high !== null && high !== undefined;
  return number(value) + (isKnown ? ` [${number(low)}, ${number(high)}]` : "");
}

function forestRow({ name, value, low, high, look }, y, x) {
  const parts = [words(NAMES_TO, y + 4, name, "ink", "end")];
  if (low !== null && low !== undefined) {
    parts.push(draw("line", { x1: x(low), x2: x(high), y1: y, y2: y, class: `bar ${look}` }));
  }
  parts.push(look === "resistant" || look === "sensitive" ? markOf(look, x(value), y, 5)
    : draw(look === "random" ? "path" : "circle", look === "random"
      ? { d: `M${x(value)} ${y - 6} L${x(value) + 6} ${y} L${x(value)} ${y + 6} L${x(value) - 6} ${y} Z`,
        class: `mark ${look}` } : { cx: x(value), cy: y, r: 5, class: `mark ${look}` }));
  return parts;
}

function withTable(svg, heads, rows, caption = null) {
  const table = make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) =>
      make("td", { class: "number" }, cell))))));
  return make("figure", { class: "finding-plot" }, svg,
    caption ? make("figcaption", {}, caption) : null,
    make("details", {}, make("summary", {}, "Table of this plot"),
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of this plot" },
        table)));
}

// A linear scale with round ticks: call it for a place, ask `ticks` for what to write.
function scale(values, from, to) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || 1;
  const step = niceStep(span / 4);
  const [start, end] = [Math.floor(low / step) * step, Math.ceil((low + span) / step) * step];
  const place = (value) => from + ((value - start) / (end - start)) * (to - from);
  const n = Math.round((end - start) / step);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  place.ticks = Array.from({ length: n + 1 }, (_, at) => start + at * step)
    .map((value) => [value, value.toFixed(digits).replace(/^-(?=0(\.0*)?$)/, "").replace("-", "−")]);
  return place;
}

function niceStep(rough) {
  const size = 10 ** Math.floor(Math.log10(rough));
  return size * [1, 2, 5, 10].find((factor) => factor * size >= rough * 0.999);
}

function ticks(place, line, text) {
  return place.ticks.flatMap(([value, said]) =>
    [draw("line", { ...line(place(value)), class: "grid" }), text(place(value), said)]);
}

function trend(value, logOdds) {
  const said = (place) => logOdds[place].toFixed(2);
  return `${said(0)} log-odds at the lowest, ${said(value.length - 1)} at the highest expression`;
}

function words(x, y, text, look, anchor) {
  return draw("text", { x, y, class: look, "text-anchor": anchor }, text);
}

function turned(x, y, text) {
  return draw("text", { x, y, class: "ink", "text-anchor": "middle",
    transform: `rotate(-90 ${x} ${y})` }, text);
}
