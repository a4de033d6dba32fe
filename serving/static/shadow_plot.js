// The plot of the shadow: the difference of each drug, in the order of the differences.

import { plain } from "./plots.js";

const MUCH_CHANGED = 0.1;
const LEAST_AXIS = 0.25;

export function drugsPlot(drugs) {
  const ordered = [...drugs].sort((one, other) => one.mean - other.mean);
  const columns = ["drug", "answers", "mean difference", "sd", "other label", "share", "not answered"];
  const rows = ordered.map((one) => [one.drug, one.n, one.mean, one.sd, one.n_changed,
    one.share_changed, one.missing]);
  const changed = ordered.filter((one) => one.share_changed >= MUCH_CHANGED).length;
  return [({ width }) => figureOf(ordered, width), {
    name: `Difference of log-odds of ${ordered.length} drugs; ${changed} of them with another ` +
      "label in at least a tenth of the answers",
    table: { columns, rows },
    height: 420,
  }];
}

function figureOf(drugs, width) {
  const places = drugs.map((_, place) => place + 1);
  const hasNames = drugs.length * 13 < width - 60;
  const farthest = Math.max(LEAST_AXIS, ...drugs.map((one) => Math.abs(one.mean) + (one.sd ?? 0)));
  return {
    data: [true, false].map((much) => traceOf(drugs, much)),
    layout: {
      showlegend: true,
      shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 0, y1: 0,
        line: { color: "var(--soft)", width: 1.5 } }],
      xaxis: {
        title: hasNames ? "" : "drugs, in the order of their differences",
        range: [0.2, drugs.length + 0.8], showgrid: false,
        ...(hasNames ? { tickvals: places, ticktext: drugs.map((one) => plain(one.drug)),
          tickangle: drugs.length < 6 ? 0 : -90, tickfont: { size: 11 } } : {}),
      },
      yaxis: { title: "difference of log-odds", range: [-1.08 * farthest, 1.08 * farthest],
        zeroline: false },
    },
  };
}

function traceOf(drugs, much) {
  const some = drugs.flatMap((one, place) =>
    ((one.share_changed >= MUCH_CHANGED) === much ? [[one, place + 1]] : []));
  return {
    type: "scatter", mode: "markers",
    name: much ? "another label in a tenth or more" : "in fewer",
    x: some.map(([, place]) => place), y: some.map(([one]) => one.mean),
    error_y: { type: "data", array: some.map(([one]) => one.sd ?? 0), color: "var(--low)",
      thickness: 1, width: 0 },
    marker: {
      size: 7, color: much ? "var(--resistant)" : "var(--paper)",
      line: { width: 1.5, color: much ? "var(--resistant)" : "var(--other)" },
    },
    text: some.map(([one]) => plain(`${one.drug}: ${one.mean.toFixed(2)}, sd ` +
      `${one.sd === null ? "–" : one.sd.toFixed(2)}, ${one.n.toLocaleString("en")} answers, ` +
      `${(100 * one.share_changed).toFixed(1)}% with another label`)),
    hovertemplate: "%{text}<extra></extra>",
  };
}
