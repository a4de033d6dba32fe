// Where the profile lies among the training lines: its answer, its genes, the lines nearest to it.

import { make } from "./dom.js";
import { drawPlot, plain } from "./plots.js";
import { lineWords, measuredOf, rowsAxis, shortened } from "./report_words.js";
import { probability } from "./waterfall.js";
import { minus } from "./what_if_gene.js";

const GENES = 8;
const ROW = 44;
const HEADS = [["Line"], ["Lineage"], ["Distance", "number"], ["Measured"],
  ["Log-odds of its answer", "number"]];

// Draws into `place`; returns what draws it again for another answer.
export function trainingLines(place, context) {
  const { drivers, why } = context.lines;
  const near = make("div");
  if (!drivers) {
    place.replaceChildren(make("p", { class: "notice" },
      `The training lines of this drug cannot be shown. ${why}`), near);
    const list = (next) => near.replaceChildren(nearestTable(next));
    list(context);
    return list;
  }
  const [ofAnswer, ofGenes] = [make("div"), make("div")];
  place.replaceChildren(make("h3", {}, "The answer among the answers for the training lines"),
    make("p", { class: "help" }, "Log-odds of every line on which the drug was measured, by what was " +
      "measured. The classifier learned from these lines: their own answers flatter it."),
    ofAnswer, make("h3", {}, "The weightiest genes among the training lines"),
    make("p", { class: "help" }, "A dot is a line; rings are the lines nearest to the profile; the " +
      "diamond is the profile, open as given."),
    ofGenes, make("h3", {}, "Nearest lines"), near);
  const all = linesOf(drivers);
  const plots = [drawPlot(ofAnswer, ...answerPlot(context, all)), drawPlot(ofGenes, ...genesPlot(context, all))];
  near.replaceChildren(nearestTable(context, all));
  return (next) => {
    plots[0].update(...answerPlot(next, all));
    plots[1].update(...genesPlot(next, all));
    near.replaceChildren(nearestTable(next, all));
  };
}

// The lines with their log-odds, which are the sum of what all genes give.
function linesOf(drivers) {
  const margin = drivers.lines.name.map((_, at) => drivers.genes.reduce(
    (sum, one) => sum + one.attribution[at], drivers.base_log_odds));
  return { ...drivers, margin, at: margin.map((_, at) => at) };
}

function answerPlot({ given, now, drug }, all) {
  const { lines, margin } = all;
  const names = lines.is_sensitive ? ["sensitive", "resistant"] : ["lines"];
  const rowOf = (at) => (lines.is_sensitive && !lines.is_sensitive[at] ? 1 : 0);
  const near = nearNames(now);
  const below = margin.filter((one) => one < now.explanation.log_odds).length;
  const figure = ({ narrow }) => ({
    data: [
      dots(all.at.map((at) => margin[at]), all.at.map((at) => rowOf(at) + jitter(at)),
        all.at.map((at) => hoverOf(all, at)), all.at.map((at) => near.has(lines.name[at])),
        all.at.map((at) => (rowOf(at) ? "var(--resistant)" : "var(--sensitive)"))),
      ...profileMarks([[now.explanation.log_odds, given.explanation.log_odds]], [(names.length - 1) / 2],
        now !== given, () => "log-odds"),
    ],
    layout: {
      xaxis: { title: narrow ? "log-odds" : "← resistant   log-odds of the answer   sensitive →" },
      yaxis: rowsAxis(names),
      shapes: [{ type: "line", x0: now.explanation.log_odds, x1: now.explanation.log_odds, y0: -0.5,
        y1: names.length - 0.5, line: { color: "var(--ink)", width: 1.5, dash: "dot" } }],
    },
  });
  return [figure, {
    name: `${drug}, ${now.explanation.sample_id}: answer among training lines, above ` +
      `${Math.round(100 * below / margin.length)}% of them`,
    height: 90 + 80 * names.length,
    table: { columns: ["line", "lineage", "measured", "log-odds", "probability", "among the nearest"],
      rows: [[now.explanation.sample_id, now.sample.lineage_used, "this profile",
        now.explanation.log_odds, now.explanation.probability_sensitive, null],
      ...all.at.map((at) => [lines.name[at], lines.lineage[at], measuredOf(lines, at), margin[at],
        probability(margin[at]), near.has(lines.name[at])])] },
  }];
}

function genesPlot({ given, now, drug, ranges }, all) {
  const { lines } = all;
  const known = new Map(all.genes.filter((one) => one.kind === "gene" && one.z).map((one) => [one.name, one]));
  const shown = given.explanation.genes.filter((one) => known.has(one.name)).slice(0, GENES)
    .map((one) => known.get(one.name));
  const near = nearNames(now);
  const figure = ({ narrow }) => ({
    data: [
      dots(shown.flatMap((one) => one.z),
        shown.flatMap((_, row) => all.at.map((at) => row + jitter(at + 31 * row))),
        shown.flatMap((one) => all.at.map((at) => `${hoverOf(all, at)}<br>${plain(one.title)}: z ` +
          `${one.z[at].toFixed(2)}, ${log2Of(one.name, one.z[at], ranges)} log2`)),
        shown.flatMap(() => all.at.map((at) => near.has(lines.name[at]))),
        shown.flatMap(() => all.at.map(() => "var(--other)"))),
      ...profileMarks(shown.map((one) => [zOf(now, one.name), zOf(given, one.name)]),
        shown.map((_, row) => row), now !== given, (row) => `z of ${plain(shown[row].title)}`),
    ],
    layout: { xaxis: { title: narrow ? "z" : "z: standard deviations from the mean of the training lines",
      zeroline: true, zerolinecolor: "var(--soft)" },
    yaxis: rowsAxis(shown.map((one) => shortened(one.title, narrow ? 11 : 20))) },
  });
  return [figure, {
    name: `${drug}, ${now.explanation.sample_id}: genes among training lines`,
    height: 70 + ROW * shown.length,
    table: { columns: ["line", "lineage", "measured", ...shown.map((one) => `${one.title} z`)],
      rows: [[now.explanation.sample_id, now.sample.lineage_used, "this profile",
        ...shown.map((one) => zOf(now, one.name))],
      ...all.at.map((at) => [lines.name[at], lines.lineage[at], measuredOf(lines, at),
        ...shown.map((one) => one.z[at])])] },
  }];
}

function dots(x, y, words, isNear, colours) {
  return { type: "scatter", mode: "markers", x, y, hovertext: words,
    hovertemplate: "%{hovertext}<extra></extra>",
    marker: { size: isNear.map((one) => (one ? 11 : 5)), opacity: isNear.map((one) => (one ? 1 : 0.55)),
      color: colours, line: { width: isNear.map((one) => (one ? 2 : 0)), color: "var(--ink)" } } };
}

function profileMarks(pairs, rows, isMoved, what) {
  const mark = (values, symbol, words) => ({ type: "scatter", mode: "markers", x: values, y: rows,
    marker: { symbol, size: 14, color: "var(--ink)", line: { width: 2, color: "var(--paper)" } },
    hovertext: values.map((one, row) => `${words}: ${what(row)} ${one.toFixed(2)}`),
    hovertemplate: "%{hovertext}<extra></extra>" });
  const now = mark(pairs.map(([value]) => value), "diamond", isMoved ? "with the moves" : "this profile");
  if (!isMoved) return [now];
  const before = mark(pairs.map(([, value]) => value), "diamond-open", "as given");
  before.marker.line.color = "var(--ink)";
  return [before, now];
}

function nearestTable({ now }, all = null) {
  const lines = now.sample.nearest_training_lines;
  if (!lines.length) {
    return make("p", { class: "empty" }, "The bundle keeps no training lines to compare with.");
  }
  const places = new Map(all ? all.lines.name.map((name, at) => [name, at]) : []);
  const rows = lines.map((one) => {
    const at = places.get(one.training_line);
    return make("tr", {}, make("th", { scope: "row" }, one.training_line),
      make("td", {}, one.lineage ?? "not known"), make("td", { class: "number" }, one.distance.toFixed(2)),
      make("td", {}, at === undefined ? "not with this drug"
        : measuredOf(all.lines, at).replace("measured ", "")),
      make("td", { class: "number" }, at === undefined ? "" : minus(all.margin[at].toFixed(2))));
  });
  return make("div", { class: "scroll", role: "region", "aria-label": "Nearest training lines", tabindex: "0" },
    make("table", {}, make("caption", {}, "Distance: standard deviations a gene (root mean square)."),
      make("thead", {}, make("tr", {}, ...HEADS.map(([head, look]) =>
        make("th", { scope: "col", class: look }, head)))), make("tbody", {}, ...rows)));
}

const nearNames = (answer) => new Set(answer.sample.nearest_training_lines.map((one) => one.training_line));

const zOf = (answer, gene) =>
  answer.explanation.genes.find((one) => one.name === gene)?.value_z ?? 0;

const hoverOf = (all, at) => `${lineWords(all.lines, at)}<br>${all.margin[at].toFixed(2)} log-odds`;

function log2Of(gene, z, { genes }) {
  const one = genes.find((known) => known.gene === gene);
  return one ? (one.mean + one.sd * z).toFixed(2) : "not known";
}

// The same for a line whenever it is drawn.
const jitter = (at) => ((at * 0.6180339887) % 1 - 0.5) * 0.6;
