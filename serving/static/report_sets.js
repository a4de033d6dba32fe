// Weight of gene sets: shared out so that they add up, and with every gene counted whole.

import { plain } from "./plots.js";
import { readingText } from "./report_numbers.js";
import { selectionNote, selectionWords } from "./report_selection.js";
import { errorBars, heightOf, leanOf, nameOf, rowsAxis, wrapped } from "./report_words.js";

const MOST = 12;
const ROW = 30;
const FAMILIES = { "copper and cuproptosis": "copper", "mitochondrial fission": "fission",
  "mitochondrial fusion": "fusion", "other mitochondrial": "mitochondria", general: "general" };

export function setsPlot(record, selection) {
  const shown = selection.sets.slice(0, MOST);
  const look = (one) => (one.kind === "lineage" ? "lineage" : FAMILIES[one.family] ?? "other");
  const hover = shown.map((one) => `${plain(one.title)}<br>shared out ` +
    `${readingText(one.size)}` + (one.total ? `<br>counted whole ${readingText(one.total)}` : "") +
    (one.kind === "set" ? `<br>${one.n_genes} genes, ${one.family}` : "") + `<br>${leanOf(one)}` +
    (one.expected ? `<br>sources expect high with ${one.expected}` : ""));
  const label = (one, most) =>
    wrapped(nameOf(one) + (one.kind === "set" ? ` (${one.n_genes})` : ""), most);
  const place = shown.map((_, at) => at);
  return {
    name: `${record.drug}: weight of gene sets, ${selectionWords(selection)}`,
    height: heightOf(shown.length, ROW, 110),
    caption: (printed) => printed.replace(/\d+ of \d+ are shown/,
      `${shown.length} of ${selection.sets.length} are shown`),
    note: selectionNote(selection, { intervals: true }) +
      (selection.set ? " Sets that share its genes stand beside it." : ""),
    figure: ({ narrow }) => ({
      data: [
        { type: "bar", orientation: "h", name: "shared out (adds up)", y: place,
          x: shown.map((one) => one.size.value), width: 0.55,
          marker: { color: shown.map((one) => `var(--${look(one)})`) },
          error_x: errorBars(shown.map((one) => one.size)), hovertext: hover,
          hovertemplate: "%{hovertext}<extra></extra>" },
        { type: "scatter", mode: "markers", name: "genes counted whole (overlap)", y: place,
          x: shown.map((one) => one.total?.value ?? null), hovertext: hover,
          hovertemplate: "%{hovertext}<extra></extra>",
          marker: { symbol: "diamond", size: 10, color: "var(--paper)",
            line: { color: "var(--ink)", width: 1.5 } } },
      ],
      layout: {
        showlegend: true, legend: narrow ? { y: 1.04 } : {},
        xaxis: { title: narrow ? "mean size (log-odds)"
          : "mean size of the attribution (log-odds)", rangemode: "tozero" },
        yaxis: rowsAxis(shown.map((one) => label(one, narrow ? 17 : 38))),
      },
    }),
    table: {
      columns: ["gene set", "kind", "genes", "shared out (log-odds)", "low", "high",
        "counted whole", "low", "high", "high counts towards", "sources expect"],
      rows: selection.sets.map((one) => [one.title, one.family ?? one.kind,
        one.kind === "set" ? one.n_genes : null, one.size.value, one.size.low, one.size.high,
        one.total?.value ?? null, one.total?.low ?? null, one.total?.high ?? null,
        one.direction ?? "no one direction", one.expected ?? "not stated"]),
    },
  };
}
