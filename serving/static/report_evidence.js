// The evidence card's plots: the classifier against its controls, and whether promises come true.

import { plain } from "./plots.js";
import { mean, readingText, rocAuc, wilson } from "./report_numbers.js";
import { errorBars, heightOf, rowsAxis, wrapped } from "./report_words.js";

const ROW = 34;
const LINES_IN_A_BIN = 10;
const CONTROLS = {
  panel: ["gene sets and lineage", "panel", "circle"],
  panel_alone: ["gene sets without lineage", "panel", "diamond"],
  lineage: ["lineage alone", "lineage", "square"],
  proliferation: ["proliferation score alone", "other", "diamond"],
  covariates: ["lineage and proliferation", "lineage", "diamond"],
  all_genes: ["all genes and lineage", "other", "triangle-up"],
  shuffled_labels: ["gene sets, shuffled labels", "other", "diamond"],
};

export function controlsPlot(record, selection) {
  const card = record.evidence_card;
  const rows = [
    row("served classifier", card.roc_auc, "panel", "circle"),
    row("lineage alone, evaluated alike", card.lineage?.roc_auc, "lineage", "square"),
    ...Object.entries(CONTROLS).map(([key, looks]) => row(looks[0], card.controls?.[key],
      looks[1], looks[2])),
  ].filter(Boolean);
  if (!selection.isWhole) rows.unshift(chosenLines(record, selection));
  const cloud = card.random?.percentiles?.length ? card.random : null;
  const panel = cloud && card.controls?.panel?.value;
  const names = [...rows.map((one) => one.name),
    ...(cloud ? [`${cloud.n_sets.toLocaleString("en")} random gene sets`] : [])];
  return {
    name: `${record.drug}: roc_auc of the gene sets, the controls and random gene sets`,
    height: heightOf(names.length + (cloud ? 1 : 0), ROW, 90),
    note: selection.isAll ? "" : "The card's figures are of all lines. The first row is the " +
      "held-out probability among the lines chosen; a gene set changes nothing here.",
    figure: ({ narrow }) => ({
      data: [...rows.map(markOf), ...(cloud ? [cloudOf(cloud, rows.length)] : [])],
      layout: {
        xaxis: { title: narrow ? "roc_auc (0.5 is chance)" : "roc_auc on unseen lines (0.5 is chance)" },
        yaxis: { ...rowsAxis(names.map((name) => wrapped(name, narrow ? 16 : 40))),
          range: [names.length - (cloud ? 0.2 : 0.4), -0.6] },
        shapes: [guide(0.5, "var(--soft)", "dot"),
          ...(panel ? [guide(panel, "var(--panel)", "dash")] : [])],
      },
    }),
    table: {
      columns: ["features", "roc_auc", "low", "high"],
      rows: [...rows.map((one) => [one.name, one.reading.value, one.reading.low, one.reading.high]),
        ...(cloud ? [["random gene sets: mean, range of 95% of the sets", cloud.mean,
          cloud.low ?? null, cloud.high ?? null]] : [])],
    },
  };
}

// Figures of a card are an object with an interval, a number, or the reason for there being none.
function row(name, figure, look, symbol) {
  const reading = typeof figure === "number" ? { value: figure, low: null, high: null }
    : { value: figure?.value ?? null, low: figure?.low ?? null, high: figure?.high ?? null };
  return reading.value === null ? null : { name, reading, look, symbol };
}

function chosenLines(record, selection) {
  const { lines } = record.drivers;
  const value = lines.probability && lines.is_sensitive
    ? rocAuc(selection.at.map((at) => lines.probability[at]),
      selection.at.map((at) => lines.is_sensitive[at])) : null;
  const said = `${selection.at.length} lines of ${selection.lineage}`;
  return { name: value === null ? `${said}: one label only` : said, look: "ink",
    symbol: "star", reading: { value, low: null, high: null } };
}

const markOf = (one, at) => ({
  type: "scatter", mode: "markers", x: [one.reading.value], y: [at],
  error_x: { ...errorBars([one.reading]), color: `var(--${one.look})` },
  marker: { color: `var(--${one.look})`, symbol: one.symbol, size: 11 },
  hovertext: [`${plain(one.name)}<br>roc_auc ${readingText(one.reading)}`],
  hovertemplate: "%{hovertext}<extra></extra>",
});

// The percentiles of the sets stand for the sets.
const cloudOf = (cloud, at) => ({
  type: "violin", orientation: "h", x: cloud.percentiles, y0: at, side: "negative", width: 1.6,
  points: false, spanmode: "hard", line: { color: "var(--random)", width: 1 },
  fillcolor: "var(--random)", opacity: 0.6, hoveron: "violins",
  hoverinfo: "x", name: "random gene sets",
});

const guide = (x, color, dash) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1,
  line: { color, width: 1.3, dash } });

export function calibrationPlot(record, selection) {
  const points = selection.isWhole ? ofCard(record) : ofLines(record, selection);
  if (!points.length) return null;
  return {
    name: `${record.drug}: promised against observed shares of sensitive lines`,
    height: 380,
    note: selection.isAll ? "" : selection.isWhole ? "A gene set changes nothing here."
      : `${selection.at.length} lines of ${selection.lineage}, in bins of equal count: mean ` +
        "held-out probability against the share measured, with Wilson intervals.",
    figure: {
      data: [{
        type: "scatter", mode: "markers", x: points.map((one) => one.promised),
        y: points.map((one) => one.observed.value),
        error_y: { ...errorBars(points.map((one) => one.observed)), color: "var(--panel)" },
        marker: { color: "var(--panel)", size: 9 },
        hovertext: points.map((one) => `promised ${one.promised.toFixed(2)}<br>observed ` +
          `${readingText(one.observed, 2)}<br>${one.said}`),
        hovertemplate: "%{hovertext}<extra></extra>",
      }],
      layout: {
        xaxis: { title: "probability that was promised", range: [-0.02, 1.02] },
        yaxis: { title: "observed share of sensitive lines", range: [-0.02, 1.02] },
        shapes: [{ type: "line", x0: 0, y0: 0, x1: 1, y1: 1,
          line: { color: "var(--soft)", width: 1.3, dash: "dot" } }],
      },
    },
    table: {
      columns: ["promised", "observed", "low", "high", "in the bin"],
      rows: points.map((one) => [one.promised, one.observed.value, one.observed.low,
        one.observed.high, one.said]),
    },
  };
}

function ofCard(record) {
  return (record.evidence_card.calibration?.reliability ?? []).map((one) => ({
    promised: one.promised, observed: one.observed, said: `${one.n_predictions} predictions` }));
}

function ofLines(record, selection) {
  const { lines } = record.drivers;
  if (!lines.probability || !lines.is_sensitive) return [];
  const order = [...selection.at].sort((a, b) => lines.probability[a] - lines.probability[b]);
  const bins = Math.max(1, Math.min(10, Math.floor(order.length / LINES_IN_A_BIN)));
  return Array.from({ length: bins }, (_, bin) => {
    const held = order.slice(Math.round(bin * order.length / bins),
      Math.round((bin + 1) * order.length / bins));
    return {
      promised: mean(held.map((at) => lines.probability[at])),
      observed: wilson(held.filter((at) => lines.is_sensitive[at]).length, held.length),
      said: `${held.length} lines`,
    };
  });
}
