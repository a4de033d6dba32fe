// From the mean of the training lines to the answer: what each gene gives, one after the other.

import { make } from "./dom.js";
import { drawPlot, plain } from "./plots.js";
import { rowsAxis, shortened } from "./report_words.js";
import { signed } from "./what_if_gene.js";

const MOST = 14;
const MOST_NARROW = 9;
const ROW = 27;
const STEPS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]; // log-odds

// Draws into `place`; returns what draws it again for another answer.
export function waterfall(place, context) {
  const note = make("p", { class: "plot-note" }, "");
  const box = make("div");
  place.replaceChildren(make("p", { class: "help" }, "Each bar is the exact share (SHAP value, in " +
    "log-odds) of a gene or covariate; they add up from the mean of the training lines to the " +
    "answer. Associations of the classifier, not causes."), box, note);
  const made = madeOf(context);
  note.textContent = made.note;
  const plot = drawPlot(box, made.figure, made.about);
  return (next) => {
    const drawn = madeOf(next);
    note.textContent = drawn.note;
    plot.update(drawn.figure, drawn.about);
  };
}

function madeOf({ given, now, ranges, drug }) {
  const isMoved = now !== given;
  const { explanation } = now;
  const steps = stepsOf(explanation, MOST);
  const narrowSteps = stepsOf(explanation, MOST_NARROW);
  return {
    note: isMoved ? "Shown: with the moves. The open diamond is the answer as given." : "",
    figure: ({ width, narrow }) => figureOf(narrow ? narrowSteps : steps, explanation,
      isMoved ? given.explanation : null, { width, narrow }),
    about: {
      name: `${drug}, ${explanation.sample_id}: waterfall${isMoved ? " with moved genes" : ""}`,
      height: 90 + ROW * (steps.length + 2),
      table: tableOf(explanation, ranges),
    },
  };
}

// Entries from the weightiest down, the rest as one.
function stepsOf(explanation, most) {
  const entries = explanation.genes;
  const shown = entries.slice(0, most);
  const rest = entries.slice(most);
  let reached = explanation.base_log_odds;
  const steps = shown.map((one) => ({ name: one.name, entry: one, gives: one.attribution_log_odds }));
  const left = rest.reduce((sum, one) => sum + one.attribution_log_odds, 0);
  if (rest.length) steps.push({ name: `${rest.length} others`, entry: null, gives: left });
  return steps.map((one) => {
    const from = reached;
    reached += one.gives;
    return { ...one, from, to: reached };
  });
}

function figureOf(steps, explanation, before, { width, narrow }) {
  const { base_log_odds: base, log_odds: end } = explanation;
  const names = ["mean of lines", ...steps.map((one) => shortened(one.name, narrow ? 11 : 20)), "answer"];
  const reached = [base, end, ...steps.map((one) => one.to), ...(before ? [before.log_odds] : [])];
  const [low, high] = [Math.min(...reached), Math.max(...reached)];
  const room = Math.max(high - low, 0.2) * (narrow ? 0.28 : 0.14);
  const colour = (gives) => (gives >= 0 ? "var(--sensitive)" : "var(--resistant)");
  const traces = [
    { type: "bar", orientation: "h", y: steps.map((_, at) => at + 1), base: steps.map((one) => one.from),
      x: steps.map((one) => one.gives), width: 0.62, marker: { color: steps.map((one) => colour(one.gives)) },
      hovertext: steps.map(stepWords), hovertemplate: "%{hovertext}<extra></extra>" },
    { type: "scatter", mode: "text", y: steps.map((_, at) => at + 1),
      x: steps.map((one) => Math.max(one.from, one.to)), text: steps.map((one) => signed(one.gives)),
      textposition: "middle right", textfont: { size: 13, color: "var(--ink)" }, hoverinfo: "skip",
      cliponaxis: false },
    marks([0, names.length - 1], [base, end], "diamond", ["mean of the training lines", "answer"]),
  ];
  if (before) traces.push(marks([names.length - 1], [before.log_odds], "diamond-open", ["as given"]));
  const ticks = ticksOf(low - room, high + room, width);
  return {
    data: traces,
    layout: {
      bargap: 0.3,
      shapes: connectors(steps, base, names.length),
      xaxis: { title: narrow ? "log-odds (probability below)"
        : "← resistant   log-odds, and the probability that they are   sensitive →",
        range: [low - room, high + room * 1.3], ...ticks },
      yaxis: rowsAxis(names),
    },
  };
}

function marks(rows, values, symbol, words) {
  return { type: "scatter", mode: "markers", y: rows, x: values,
    marker: { symbol, size: 13, color: "var(--ink)", line: { width: 2, color: "var(--ink)" } },
    hovertext: words.map((one, at) => `${one}: ${values[at].toFixed(3)} log-odds, ` +
      `probability ${probability(values[at]).toFixed(3)}`),
    hovertemplate: "%{hovertext}<extra></extra>" };
}

// Thin lines that lead from the end of a bar to the start of the next.
function connectors(steps, base, rows) {
  const levels = [base, ...steps.map((one) => one.to)];
  return levels.map((value, at) => ({ type: "line", x0: value, x1: value, y0: at + 0.05,
    y1: Math.min(at + 0.95, rows - 1), layer: "below", line: { color: "var(--soft)", width: 1 } }));
}

// Round log-odds with the probability that they are: as many as there is room for.
function ticksOf(low, high, width) {
  const most = Math.max(3, Math.floor((width - 120) / 85));
  const step = STEPS.find((one) => (high - low) / one <= most) ?? STEPS.at(-1);
  const digits = step < 0.1 ? 2 : 1;
  const ticks = [];
  for (let at = Math.ceil(low / step); at <= Math.floor(high / step); at += 1) ticks.push(at * step);
  return { tickvals: ticks,
    ticktext: ticks.map((at) => `${signed(at, digits)}<br>${(100 * probability(at)).toFixed(0)}%`) };
}

function stepWords({ name, entry, gives, to }) {
  const reached = `reaches ${to.toFixed(3)} log-odds, probability ${probability(to).toFixed(3)}`;
  if (!entry) return `${plain(name)}: ${signed(gives)} log-odds together<br>${reached}`;
  const value = Number.isFinite(entry.value_z) ? `, z ${entry.value_z.toFixed(2)}` : "";
  const goes = entry.higher_expression_goes_with
    ? `<br>higher expression goes with ${entry.higher_expression_goes_with}` : "";
  return `${plain(name)}: ${gives.toFixed(3)} log-odds${value}<br>${reached}${goes}`;
}

function tableOf(explanation, { genes }) {
  const known = new Map(genes.map((one) => [one.gene, one]));
  let reached = explanation.base_log_odds;
  const rows = explanation.genes.map((one) => {
    reached += one.attribution_log_odds;
    const gene = known.get(one.name);
    const z = Number.isFinite(one.value_z) ? one.value_z : null;
    return [one.name, one.kind, one.attribution_log_odds, reached, probability(reached), z,
      gene && z !== null ? gene.mean + gene.sd * z : null, one.higher_expression_goes_with ?? "",
      one.claims.agreeing.join("; "), one.claims.opposing.join("; ")];
  });
  return {
    columns: ["entry", "kind", "attribution (log-odds)", "log-odds reached", "probability reached",
      "z", "expression (log2)", "higher expression goes with", "claims that agree",
      "claims that oppose"],
    rows: [["mean of the training lines", "base", null, explanation.base_log_odds,
      probability(explanation.base_log_odds), null, null, "", "", ""], ...rows],
  };
}

export const probability = (logOdds) => 1 / (1 + Math.exp(-logOdds));
