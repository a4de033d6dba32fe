// The weightiest genes in panels: expression against attribution, line by line.

import { plain } from "./plots.js";
import { median, rocAuc } from "./report_numbers.js";
import { selectionNote, selectionWords } from "./report_selection.js";
import { lineWords } from "./report_words.js";

const MOST = 6;
const PANEL = 250;
const KINDS = [
  { name: "measured resistant", is: false, colour: "var(--resistant)", symbol: "triangle-up" },
  { name: "measured sensitive", is: true, colour: "var(--sensitive)", symbol: "circle" },
];
const NO_LABELS = [{ name: "training line", is: undefined, colour: "var(--other)", symbol: "circle" }];

export function dependencePlot(record, selection) {
  const { lines } = record.drivers;
  const shown = selection.genes.filter((one) => one.kind === "gene" && one.z).slice(0, MOST);
  if (!shown.length) return null;
  const columnsOf = (width) => Math.min(shown.length, width < 520 ? 1 : width < 860 ? 2 : 3);
  return {
    name: `${record.drug}: expression against attribution, ${selectionWords(selection)}`,
    height: (width) => 80 + PANEL * Math.ceil(shown.length / columnsOf(width)),
    figure: ({ width }) => panels(shown, selection, lines, columnsOf(width)),
    note: selectionNote(selection),
    caption: () => "Upwards: attribution in log-odds, above 0 towards sensitive. " +
      (record.drivers.is_linear ? "The score is linear: dots lie on a line by construction, and " +
        "its slope is the weight. " : "") + "Blue dots: lines measured sensitive; orange " +
      "triangles: resistant. Boxes below: their z, with the median and the middle half. Boxes " +
      "that lie apart show a difference that needs no classifier.",
    table: tableOf(shown, selection, lines),
  };
}

function panels(shown, selection, lines, columns) {
  const rows = Math.ceil(shown.length / columns);
  const kinds = lines.is_sensitive ? KINDS : NO_LABELS;
  const layout = { showlegend: true, margin: { l: 66, r: 10, t: 26, b: 44 }, annotations: [],
    boxgap: 0.25, legend: { y: 1 + 0.12 / rows } };
  const data = shown.flatMap((entry, place) => {
    const [dots, strip] = [numberOf(place), numberOf(MOST + place)];
    const domains = domainsOf(place, columns, rows);
    addAxes(layout, { dots, strip, place }, domains);
    layout.annotations.push({ text: plain(entry.title), showarrow: false, xref: "paper",
      yref: "paper", x: domains.x[0], y: domains.y[1], xanchor: "left", yanchor: "bottom",
      font: { weight: "bold" } });
    return kinds.flatMap((kind, row) => {
      const at = selection.at.filter((one) =>
        kind.is === undefined || lines.is_sensitive[one] === kind.is);
      return [dotsOf(kind, entry, at, lines, dots, place === 0),
        stripOf(kind, entry, at, { dots, strip, row })];
    });
  });
  layout.annotations.push(
    axisWords("z of expression", { x: 0.5, y: 0, yshift: -44, xanchor: "center", yanchor: "bottom" }),
    axisWords("attribution (log-odds)", { x: 0, y: 0.5, xshift: -64, textangle: -90,
      xanchor: "left", yanchor: "middle" }));
  return { data, layout };
}

// A panel has an axis of z, one of attributions, and below that one of strips.
function addAxes(layout, { dots, strip, place }, domains) {
  const [bottom, top] = domains.y;
  const between = bottom + 0.24 * (top - bottom);
  layout[`xaxis${dots}`] = { domain: domains.x, anchor: `y${strip}`, automargin: false,
    matches: place ? "x" : undefined };
  layout[`yaxis${dots}`] = { domain: [between, top], anchor: `x${dots}`, automargin: false,
    matches: place ? "y" : undefined, zeroline: true, zerolinecolor: "var(--soft)" };
  layout[`yaxis${strip}`] = { domain: [bottom, between - 0.02 * (top - bottom)],
    anchor: `x${dots}`, automargin: false, showticklabels: false, showgrid: false, ticks: "" };
}

function dotsOf(kind, entry, at, lines, dots, isFirst) {
  return {
    type: "scatter", mode: "markers", name: kind.name, legendgroup: kind.name, showlegend: isFirst,
    xaxis: `x${dots}`, yaxis: `y${dots}`,
    x: at.map((place) => entry.z[place]), y: at.map((place) => entry.attribution[place]),
    hovertext: at.map((place) => `${lineWords(lines, place)}<br>${plain(entry.title)}: z ` +
      `${entry.z[place].toFixed(2)}, ${entry.attribution[place].toFixed(3)} log-odds`),
    hovertemplate: "%{hovertext}<extra></extra>",
    marker: { color: kind.colour, symbol: kind.symbol, size: 5.5, opacity: 0.75 },
  };
}

// The middle half, and the lines beyond it, of one kind of lines.
const stripOf = (kind, entry, at, { dots, strip, row }) => ({
  type: "box", orientation: "h", name: kind.name, legendgroup: kind.name, showlegend: false,
  xaxis: `x${dots}`, yaxis: `y${strip}`, x: at.map((place) => entry.z[place]), y0: row,
  boxpoints: false, line: { color: kind.colour, width: 1.5 }, fillcolor: "var(--fill)",
  hoverinfo: "x+name",
});

const numberOf = (place) => (place ? String(place + 1) : "");

function domainsOf(place, columns, rows) {
  const [column, row] = [place % columns, Math.floor(place / columns)];
  const [across, down] = [columns > 1 ? 0.08 / columns * 1.5 : 0, 0.26 / rows];
  const width = (1 - across * (columns - 1)) / columns;
  const height = (1 - down * (rows - 1)) / rows;
  const x = column * (width + across);
  const top = 1 - row * (height + down);
  return { x: [x, Math.min(x + width, 1)], y: [Math.max(top - height, 0), top] };
}

const axisWords = (text, where) => ({ text, showarrow: false, xref: "paper", yref: "paper",
  font: { size: 14, color: "var(--ink)" }, ...where });

function tableOf(shown, selection, lines) {
  const split = (entry, is) => selection.at.filter((at) => lines.is_sensitive?.[at] === is)
    .map((at) => entry.z[at]);
  return {
    columns: ["gene", "lines", "median z, sensitive", "median z, resistant",
      "roc_auc of the gene alone"],
    rows: shown.map((one) => [one.title, selection.at.length, median(split(one, true)),
      median(split(one, false)), lines.is_sensitive
        ? rocAuc(selection.at.map((at) => one.z[at]),
          selection.at.map((at) => lines.is_sensitive[at])) : null]),
  };
}
