// Lineages: what was promised of their lines while these were held out, and what was measured.

import { plain } from "./plots.js";
import { mean, readingText, wilson } from "./report_numbers.js";
import { lineageOf, selectionNote } from "./report_selection.js";
import { errorBars, heightOf, rowsAxis, wrapped } from "./report_words.js";

const ROW = 30;
const FEW = "lineages with fewer lines";

export function lineagesPlot(record, selection) {
  const { lines } = record.drivers;
  if (!lines.is_sensitive || !lines.probability) return null;
  const rows = rowsOf(record, selection);
  const place = rows.map((_, at) => at);
  const hover = rows.map((one) => `${plain(one.name)}, ${one.at.length} lines<br>measured sensitive ` +
    `${readingText(one.measured, 2)}<br>promised ${one.promised.toFixed(2)}<br>genes ` +
    `${selection.set ? "of the set " : ""}${one.genes.toFixed(2)} log-odds on average<br>` +
    named(one.at.map((at) => lines.name[at])));
  const overall = mean(lines.is_sensitive.map(Number));
  return {
    name: `${record.drug}: lineages, promised and measured`,
    height: heightOf(rows.length, ROW, 120),
    note: selectionNote(selection),
    figure: ({ narrow }) => ({
      data: [
        { type: "scatter", mode: "markers", name: "measured share of sensitive lines", y: place,
          x: rows.map((one) => one.measured.value), hovertext: hover,
          hovertemplate: "%{hovertext}<extra></extra>",
          error_x: { ...errorBars(rows.map((one) => one.measured)), color: "var(--lineage)" },
          marker: { symbol: "square", size: 10, color: "var(--lineage)" } },
        { type: "scatter", mode: "markers", name: "mean probability promised", y: place,
          x: rows.map((one) => one.promised), hovertext: hover,
          hovertemplate: "%{hovertext}<extra></extra>",
          marker: { size: 10, color: "var(--panel)" } },
      ],
      layout: {
        showlegend: true, legend: narrow ? { y: 1.04 } : {},
        xaxis: { title: narrow ? "share or probability" : "share, or probability, of being sensitive", range: [-0.02, 1.02] },
        yaxis: rowsAxis(rows.map((one) =>
          wrapped(`${one.name} (${one.at.length})`, narrow ? 17 : 36))),
        shapes: [{ type: "line", x0: overall, x1: overall, yref: "paper", y0: 0, y1: 1,
          line: { color: "var(--soft)", width: 1.2, dash: "dot" } }],
      },
    }),
    table: {
      columns: ["lineage", "lines", "sensitive", "share sensitive", "low", "high", "mean promised",
        "mean log-odds of the genes shown"],
      rows: rows.map((one) => [one.name, one.at.length, one.sensitive, one.measured.value,
        one.measured.low, one.measured.high, one.promised, one.genes]),
    },
  };
}

function rowsOf(record, selection) {
  const { lines } = record.drivers;
  const fewest = selection.lineage ? 1 : record.lineages?.fewest_lines ?? 1;
  const groups = new Map();
  for (const at of selection.at) {
    const name = lineageOf(lines, at);
    groups.set(name, [...(groups.get(name) ?? []), at]);
  }
  const large = [...groups].filter(([, at]) => at.length >= fewest)
    .sort((a, b) => b[1].length - a[1].length || a[0].localeCompare(b[0]));
  const small = [...groups].filter(([, at]) => at.length < fewest).flatMap(([, at]) => at);
  const genes = selection.genes.filter((one) => one.kind === "gene");
  return [...large, ...(small.length ? [[FEW, small]] : [])].map(([name, at]) => {
    const sensitive = at.filter((place) => lines.is_sensitive[place]).length;
    return {
      name, at, sensitive, measured: wilson(sensitive, at.length),
      promised: mean(at.map((place) => lines.probability[place])),
      genes: mean(at.map((place) => genes.reduce((sum, one) => sum + one.attribution[place], 0))),
    };
  });
}

function named(names) {
  const shown = names.slice(0, 6).map(plain).join("<br>");
  return names.length > 6 ? `${shown}<br>and ${names.length - 6} more` : shown;
}
