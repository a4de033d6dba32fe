// Plots of what a classifier rests on: weights of genes, and every line's attributions.

import { plain } from "./plots.js";
import { readingText } from "./report_numbers.js";
import { selectionNote, selectionWords } from "./report_selection.js";
import { colourOf, errorBars, leanOf, lineWords, nameOf, rowsAxis, shortened }
  from "./report_words.js";

const MOST = 15;
const ROW = 26;
const SWARM_ROW = 34;
const SIZE = "mean size of the attribution (log-odds)";
const AXIS = "← resistant   attribution (log-odds)   sensitive →";
const SHORT_SIZE = "mean size (log-odds)";
// z of a line -> how its dot looks: low, middle, high expression.
const LOOKS = [
  { name: "z below −0.5", upTo: -0.5, colour: "var(--low)", size: 4.5 },
  { name: "z −0.5 to 0.5", upTo: 0.5, colour: "var(--middle)", size: 5 },
  { name: "z above 0.5", upTo: Infinity, colour: "var(--high)", size: 6 },
];
const LINEAGE_LOOK = { name: "lineage", colour: "var(--lineage)", size: 5 };

export function genesPlot(record, selection) {
  const shown = selection.genes.slice(0, MOST);
  const hover = shown.map((one) => `${plain(one.title)}<br>mean size ` +
    `${readingText(one.size)}<br>${leanOf(one)}` +
    (one.sets.length ? `<br>of ${plain(one.sets.slice(0, 3).join(", "))}` +
      (one.sets.length > 3 ? ` and ${one.sets.length - 3} more sets` : "") : "") +
    (one.expected ? `<br>sources expect high with ${one.expected}` : ""));
  return {
    name: `${record.drug}: weight of genes, ${selectionWords(selection)}`,
    note: selectionNote(selection, { intervals: true }),
    caption: (printed) => printed.replace(/The figure shows \d+ of \d+ entries/,
      `The figure shows ${shown.length} of ${selection.genes.length} entries`),
    height: 70 + ROW * shown.length,
    figure: ({ narrow }) => ({
      data: [{
        type: "bar", orientation: "h", y: shown.map((_, at) => at),
        x: shown.map((one) => one.size.value), marker: { color: shown.map(colourOf) },
        error_x: errorBars(shown.map((one) => one.size)), width: 0.62,
        hovertext: hover, hovertemplate: "%{hovertext}<extra></extra>",
      }],
      layout: { xaxis: { title: narrow ? SHORT_SIZE : SIZE, rangemode: "tozero" },
        yaxis: rowsAxis(shown.map(nameOf)) },
    }),
    table: {
      columns: ["gene", "kind", "mean size (log-odds)", "low", "high", "high counts towards",
        "sources expect", "gene sets", "claims that agree", "claims that oppose", "Entrez id"],
      rows: selection.genes.map((one) => [one.title, one.kind, one.size.value, one.size.low,
        one.size.high, one.direction ?? "no one direction", one.expected ?? "not stated",
        one.sets.join("; "), one.agreeing.length, one.opposing.length, one.entrez]),
    },
  };
}

export function linesPlot(record, selection) {
  const { lines } = record.drivers;
  const shown = selection.genes.slice(0, MOST);
  const height = 110 + SWARM_ROW * shown.length;
  return {
    name: `${record.drug}: attributions line by line, ${selectionWords(selection)}`,
    height,
    note: selectionNote(selection),
    caption: (printed) => printed.replace(/one of \d+ training lines/,
      `one of ${selection.at.length} training lines`),
    figure: ({ width, narrow }) => ({
      data: swarmTraces(shown, selection, lines, width),
      layout: {
        showlegend: !narrow,
        xaxis: { title: narrow ? "attribution (log-odds)" : AXIS, zeroline: true, zerolinecolor: "var(--soft)" },
        yaxis: rowsAxis(shown.map((one) => shortened(nameOf(one), 16))),
      },
    }),
    table: {
      columns: ["line", "lineage", "measured sensitive",
        ...shown.flatMap((one) => [`${one.title} attribution`, `${one.title} z`])],
      rows: selection.at.map((at) => [lines.name[at], lines.lineage[at],
        lines.is_sensitive ? lines.is_sensitive[at] : null,
        ...shown.flatMap((one) => [one.attribution[at], one.z ? one.z[at] : null])]),
    },
  };
}

function swarmTraces(shown, selection, lines, width) {
  const all = shown.flatMap((one) => selection.at.map((at) => one.attribution[at]));
  const span = Math.max(...all, 0) - Math.min(...all, 0) || 1;
  const step = span * 4 / Math.max(width - 150, 200); // about the width of a dot
  const traces = new Map();
  shown.forEach((entry, row) => {
    const heights = swarm(selection.at.map((at) => entry.attribution[at]), step);
    selection.at.forEach((at, place) => {
      const look = entry.z ? LOOKS.find((one) => entry.z[at] <= one.upTo) : LINEAGE_LOOK;
      if (!traces.has(look)) traces.set(look, traceOf(look));
      const trace = traces.get(look);
      trace.x.push(entry.attribution[at]);
      trace.y.push(row + heights[place]);
      trace.hovertext.push(`${lineWords(lines, at)}<br>${plain(entry.title)}: ` +
        `${entry.attribution[at].toFixed(3)} log-odds` +
        (entry.z ? `, z ${entry.z[at].toFixed(2)}` : ""));
    });
  });
  return [LINEAGE_LOOK, ...LOOKS].filter((look) => traces.has(look))
    .map((look) => traces.get(look));
}

function traceOf(look) {
  return { type: "scatter", mode: "markers", name: look.name, x: [], y: [], hovertext: [],
    hovertemplate: "%{hovertext}<extra></extra>",
    marker: { color: look.colour, size: look.size, opacity: 0.85, line: { width: 0 } } };
}

// Heights that keep dots at about the same place apart, within a row.
function swarm(values, step) {
  const counts = new Map();
  const bins = values.map((value) => Math.floor(value / step));
  const totals = new Map();
  for (const bin of bins) totals.set(bin, (totals.get(bin) ?? 0) + 1);
  return bins.map((bin) => {
    const order = counts.get(bin) ?? 0;
    counts.set(bin, order + 1);
    const apart = Math.min(0.12, 0.8 / totals.get(bin));
    return (order % 2 ? -1 : 1) * Math.ceil(order / 2) * apart;
  });
}
