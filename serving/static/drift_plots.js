// The plots of drift: each gives a figure and what is said about it.

import { plain } from "./plots.js";

const CHANGED = 0.1;
const MUCH_CHANGED = 0.25;
const LEAST_AXIS = 0.4;

// Every gene at its rank: names stand below as long as there is room for them.
export function genesPlot({ genes }) {
  const columns = ["gene", "profiles", "index", "low", "high", "raw index", "KS distance",
    "KS low", "KS high", "p", "q", "changed"];
  const rows = genes.map((one) => [one.gene, one.n_profiles, one.index, one.low, one.high, one.raw,
    one.distance, one.distance_low, one.distance_high, one.p, one.q, one.drifted]);
  const drifted = genes.filter((one) => one.drifted).length;
  return [({ width }) => genesFigure(genes, width), {
    name: `Population stability index of ${genes.length} genes, ${drifted} of them changed`,
    table: { columns, rows },
    height: 420,
  }];
}

function genesFigure(genes, width) {
  const places = genes.map((_, place) => place + 1);
  const hasNames = genes.length * 13 < width - 60;
  const top = Math.max(LEAST_AXIS, ...genes.map((one) => one.high)) * 1.05;
  return {
    data: [true, false].map((drifted) => {
      const some = genes.flatMap((one, place) => (one.drifted === drifted ? [[one, place + 1]] : []));
      return {
        type: "scatter", mode: "markers", name: drifted ? "changed" : "not shown to have changed",
        x: some.map(([, place]) => place), y: some.map(([one]) => one.index),
        error_y: {
          type: "data", symmetric: false, color: "var(--low)", thickness: 1, width: 0,
          array: some.map(([one]) => one.high - one.index),
          arrayminus: some.map(([one]) => one.index - one.low),
        },
        marker: {
          size: 7, color: drifted ? "var(--ink)" : "var(--paper)",
          line: { width: 1.5, color: drifted ? "var(--ink)" : "var(--other)" },
        },
        text: some.map(([one]) => plain(`${one.gene}: ${one.index.toFixed(2)} ` +
          `[${one.low.toFixed(2)}, ${one.high.toFixed(2)}], q ${one.q.toPrecision(2)}`)),
        hovertemplate: "%{text}<extra></extra>",
      };
    }),
    layout: {
      showlegend: true,
      shapes: [CHANGED, MUCH_CHANGED].map((at, place) => ({
        type: "line", xref: "paper", x0: 0, x1: 1, y0: at, y1: at,
        line: { color: "var(--soft)", width: 1, dash: place ? "dash" : "dot" },
      })),
      xaxis: {
        title: hasNames ? "" : "genes, the most changed first", range: [0.2, genes.length + 0.8],
        showgrid: false,
        ...(hasNames ? { tickvals: places, ticktext: genes.map((one) => plain(one.gene)),
          tickangle: -90, tickfont: { size: 11 } } : {}),
      },
      yaxis: { title: "population stability index", range: [0, top], rangemode: "tozero" },
    },
  };
}

export function histogram(one) {
  const bins = one.bins.map((_, place) => `${place + 1}`);
  return [({ narrow }) => ({
    data: [
      { type: "bar", name: "profiles", x: bins, y: one.bins, marker: { color: "var(--other)" },
        hovertemplate: "bin %{x}: %{y:.1%} of profiles<extra></extra>" },
      { type: "bar", name: "training lines", x: bins, y: one.reference_bins,
        marker: { color: "var(--fill)", line: { color: "var(--other)", width: 1.5 } },
        hovertemplate: "bin %{x}: %{y:.1%} of training lines<extra></extra>" },
    ],
    layout: {
      showlegend: true, bargap: 0.25, bargroupgap: 0.05,
      xaxis: { title: narrow ? "eighths, low to high" : "eighths of the training lines, low to high",
        showgrid: false, type: "category" },
      yaxis: { title: "share", tickformat: ".0%", rangemode: "tozero" },
    },
  }), {
    name: `Expression of ${one.gene}: profiles beside training lines`,
    table: { columns: ["bin", "profiles", "training lines"],
      rows: bins.map((bin, place) => [bin, one.bins[place], one.reference_bins[place]]) },
    height: 340,
  }];
}

export function timeLine({ days }) {
  const at = days.map((one) => one.day);
  const lines = [
    ["changed genes", (one) => one.share_drifted, "var(--ink)", "circle", "solid"],
    ["beyond the 90th percentile", (one) => one.far_out.value, "var(--other)", "square", "dot"],
    ["answers without a call", (one) => one.no_calls.value, "var(--no-call)", "diamond-open", "dash"],
  ];
  return [{
    data: lines.map(([name, value, colour, symbol, dash]) => ({
      type: "scatter", mode: "lines+markers", name, x: at, y: days.map(value),
      line: { color: colour, width: 2, dash }, marker: { color: colour, symbol, size: 8 },
      text: days.map((one) => `${one.n_profiles.toLocaleString("en")} profiles`),
      hovertemplate: `%{x|%d %b %Y}, %{text}<br>${name}: %{y:.1%}<extra></extra>`,
    })),
    layout: {
      showlegend: true,
      xaxis: { type: "date", tickformat: "%d %b", ...(at.length < 8 ? { tickvals: at } : {}) },
      yaxis: { title: "share", tickformat: ".0%", range: [0, 1.04] },
    },
  }, {
    name: "Shares of changed genes, of far-off profiles and of no calls, day by day",
    table: {
      columns: ["day", "profiles", ...lines.map(([name]) => name), "median index"],
      rows: days.map((one) => [one.day, one.n_profiles, ...lines.map(([, value]) => value(one)),
        one.median_index]),
    },
    height: 340,
  }];
}

export function domainPlot({ domain }) {
  const total = domain.reduce((sum, count) => sum + count, 0);
  const tenths = domain.map((_, place) => `${10 * place}–${10 * place + 10}`);
  const shares = domain.map((count) => (total ? count / total : 0));
  return [{
    data: [{ type: "bar", x: tenths, y: shares, marker: { color: "var(--other)" },
      hovertemplate: "%{x}: %{y:.1%} of profiles<extra></extra>" }],
    layout: {
      bargap: 0.12,
      shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 0.1, y1: 0.1,
        line: { color: "var(--ink)", width: 1.5, dash: "dot" } }],
      xaxis: { title: "domain percentile", showgrid: false, type: "category" },
      yaxis: { title: "share of profiles", tickformat: ".0%", rangemode: "tozero" },
    },
  }, {
    name: "Profiles by domain percentile; a tenth in each is expected",
    table: { columns: ["percentile", "profiles", "share"],
      rows: tenths.map((tenth, place) => [tenth, domain[place], shares[place]]) },
    height: 340,
  }];
}
