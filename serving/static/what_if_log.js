// The moves, one after the other, and what was answered: a plot, a table, a CSV.

import { callOf } from "./calls.js";
import { make } from "./dom.js";
import { drawPlot, plain } from "./plots.js";
import { callWords } from "./what_if_answer.js";

const LOOKS = {
  sensitive: ["var(--sensitive)", "circle"],
  resistant: ["var(--resistant)", "triangle-up"],
  "no call": ["var(--no-call)", "diamond-open"],
  neither: ["var(--ink)", "x"],
};
const COLUMNS = ["move", "what was moved", "moved genes (log2)", "outside the training lines",
  "probability sensitive", "call", "log-odds", "unlike training lines", "bundle sha256"];

export function movesLog(given) {
  const moves = [moveOf(given, new Map(), [], "as given")];
  const heading = make("h3", {}, "Moves so far");
  const empty = make("p", { class: "empty" }, "None yet. Each answered move is added here, " +
    "and can be taken away as CSV.");
  const box = make("div");
  const place = make("div", {}, heading, empty, box);
  let plot = null;
  let before = new Map();

  function note(now, values, original, ranges) {
    const moved = movedGenes(values, original);
    const what = changed(before, moved);
    before = moved;
    moves.push(moveOf(now, moved, outsideOf(moved, ranges), what));
    empty.hidden = true;
    const about = { name: `${given.explanation.drug}, ${given.explanation.sample_id}: moves of genes`,
      table: { columns: COLUMNS, rows: moves.map(rowOf) }, height: 280 };
    if (plot) plot.update(figureOf(moves), about);
    else plot = drawPlot(box, figureOf(moves), about);
  }
  return { place, note };
}

function moveOf(answer, moved, outside, what) {
  return { answer, moved, outside, what };
}

// gene -> value, of those that are not as given.
function movedGenes(values, original) {
  return new Map([...values].filter(([gene, value]) =>
    Math.abs(value - (original.get(gene) ?? Infinity)) > 1e-9));
}

function changed(before, after) {
  const words = [...after].filter(([gene, value]) => before.get(gene) !== value)
    .map(([gene, value]) => `${gene} to ${value.toFixed(2)}`);
  const back = [...before.keys()].filter((gene) => !after.has(gene)).map((gene) => `${gene} back`);
  return [...words, ...back].join(", ") || "nothing";
}

function outsideOf(moved, ranges) {
  return ranges.genes.filter(({ gene, low, high }) => moved.has(gene) && low !== null &&
    (moved.get(gene) < low - 0.005 || moved.get(gene) > high + 0.005)).map((one) => one.gene);
}

function rowOf({ answer, moved, outside, what }, at) {
  const { explanation, sample, bundle } = answer;
  return [at, what, [...moved].map(([gene, value]) => `${gene} ${value.toFixed(3)}`).join("; "),
    outside.join("; "), explanation.probability_sensitive, callWords(callOf(explanation)),
    explanation.log_odds, sample.domain_percentile, bundle.sha256];
}

function figureOf(moves) {
  const calls = moves.map((one) => callOf(one.answer.explanation));
  return {
    data: [{
      type: "scatter", mode: "lines+markers", x: moves.map((_, at) => at),
      y: moves.map((one) => one.answer.explanation.probability_sensitive),
      line: { color: "var(--soft)", width: 1.5, shape: "hv" },
      marker: { size: 11, color: calls.map((call) => LOOKS[call][0]),
        symbol: calls.map((call) => LOOKS[call][1]), line: { width: 2,
          color: calls.map((call) => LOOKS[call][0]) } },
      hovertext: moves.map((one, at) => `${at === 0 ? "as given" : `move ${at}: ${plain(one.what)}`}<br>` +
        `probability ${one.answer.explanation.probability_sensitive.toFixed(3)}, ${callWords(calls[at])}`),
      hovertemplate: "%{hovertext}<extra></extra>",
    }],
    layout: {
      xaxis: { title: "move (0: as given)", dtick: Math.max(1, Math.ceil(moves.length / 12)),
        range: [-0.3, Math.max(moves.length - 1, 4) + 0.3] },
      yaxis: { title: "probability of being sensitive", range: [-0.03, 1.03] },
    },
  };
}
