// One drug in two bundles: figures, calibration, what each classifier rests on, the same lines.

import { root } from "./ask.js";
import { difference, figure, notes, number, section, sideName, sidesTable, table }
  from "./compare_words.js";
import { make } from "./dom.js";
import { drawPlot, plain } from "./plots.js";
import { errorBars, heightOf, rowsAxis, shortened } from "./report_words.js";

const MOST = 15;
const LOOKS = [
  { letter: "A", colour: "var(--lineage)", symbol: "square", shift: -0.14 },
  { letter: "B", colour: "var(--panel)", symbol: "circle", shift: 0.14 },
];
const FIELDS = { method: "Method", response_kind: "Response", cut_off: "Cut-off (as measured)",
  cut_off_um: "Cut-off (µM)", n_sensitive: "Sensitive lines", n_resistant: "Resistant lines" };

export function showDrug(place, found, query) {
  const plots = [];
  const plot = (look, made) => {
    const box = make("div", { class: look });
    plots.push([box, made]);
    return box;
  };
  const standing = [["Evidence", (one) => one.status], ["Why", (one) => one.reason],
    ["Estimator", (one) => one.estimator.replaceAll("_", " ")], ["Lines of this drug", (one) => `${one.n_lines}, ` +
      `${one.n_sensitive} sensitive`]];
  place.replaceChildren(...[notes(found.notes),
    section("sides-title", "The two bundles", sidesTable(found.a, found.b, standing),
      make("p", {}, "Reports: ", ...["a", "b"].flatMap((side, at) => [at ? " and " : "",
        make("a", { href: reportAddress(found, query.get(side)) }, `of ${sideName(found[side])}`)]), ".")),
    section("figures-title", "Figures on held-out lines", figuresTable(found),
      plot("square", found.reliability.some((one) => one.length) ? calibration(found) : null)),
    section("labels-title", "How labels were made", labelsTable(found)),
    section("genes-title", "Genes, then and now", ...entries(found, "genes", plot)),
    section("sets-title", "Gene sets, then and now", ...entries(found, "sets", plot)),
    section("lines-title", "The same lines in both", ...lines(found, plot))].filter(Boolean));
  for (const [box, made] of plots) if (made) drawPlot(box, ...made);
}

const reportAddress = ({ drug }, side) =>
  `${root}/reports/${encodeURIComponent(drug)}?bundle=${encodeURIComponent(side)}`;

function figuresTable({ figures }) {
  return table("Figures with 95% intervals; a difference has none",
    ["Figure", ["A", "number"], ["B", "number"], ["B − A", "number"]],
    figures.map((one) => [one.title, figure(one.a), figure(one.b), difference(one.difference)]),
    "figures-table");
}

function labelsTable({ labels }) {
  const shown = (value) => (typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(4))) : String(value ?? "not stated"));
  return table("Labels", ["", "A", "B", "Changed"], labels.map((one) => [FIELDS[one.field] ?? one.field,
    shown(one.a), shown(one.b), one.changed ? make("span", { class: "changed" }, "changed") : "same"]));
}

function calibration({ a, b, drug, reliability }) {
  const sides = [a, b];
  const traces = reliability.map((points, at) => ({
    type: "scatter", mode: "lines+markers", name: `${LOOKS[at].letter}: ${sideName(sides[at])}`,
    x: points.map((one) => one.promised), y: points.map((one) => one.observed.value),
    error_y: { ...errorBars(points.map((one) => one.observed)), color: LOOKS[at].colour, thickness: 1 },
    line: { color: LOOKS[at].colour, width: 1.5 },
    marker: { color: LOOKS[at].colour, symbol: LOOKS[at].symbol, size: 8 },
    hovertext: points.map((one) => `${LOOKS[at].letter}: promised ${number(one.promised, 2)}, ` +
      `found ${figure(one.observed, 2)}<br>${one.n_predictions} predictions`),
    hovertemplate: "%{hovertext}<extra></extra>",
  })).filter((one) => one.x.length);
  return [{ data: traces, layout: { showlegend: true,
    xaxis: { title: "probability promised", range: [-0.02, 1.02] },
    yaxis: { title: "share found sensitive", range: [-0.02, 1.05] },
    shapes: [{ type: "line", x0: 0, y0: 0, x1: 1, y1: 1, layer: "below",
      line: { color: "var(--soft)", width: 1.5, dash: "dot" } }] } }, {
    name: `${drug}: calibration of both bundles`, height: 420,
    table: { columns: ["bundle", "promised", "found", "low", "high", "predictions"],
      rows: reliability.flatMap((points, at) => points.map((one) => [sideName(sides[at]), one.promised,
        one.observed.value, one.observed.low, one.observed.high, one.n_predictions])) },
  }];
}

function entries(found, kind, plot) {
  const compared = found[kind];
  const words = { genes: "genes and covariates", sets: "gene sets and covariates" }[kind];
  if (!compared) return [make("p", { class: "notice" }, "What the classifiers rest on cannot be " +
    `compared: ${found.missing.join(" ")}`)];
  return [make("p", {}, agreementWords(compared, words, kind)),
    make("p", { class: "help" }, `Mean size of the attribution over each bundle's own lines (log-odds, ` +
      `95% interval), of the ${Math.min(MOST, compared.rows.length)} weightiest of either; beside ` +
      "the names the ranks, in A → in B (– where it has none). Associations, not causes."),
    plot("", dumbbells(found, compared, words))];
}

function agreementWords({ n_common: n, coefficients, sizes }, words, kind) {
  const told = (one) => `Pearson ${number(one.pearson, 2)}, Spearman ${number(one.spearman, 2)}`;
  const parts = [`${n} ${words} are in both.`,
    kind === "sets" ? "" : coefficients ? `Coefficients (log-odds per standard deviation) of ${coefficients.n} of them: ` +
      `${told(coefficients)}.` : "Coefficients cannot be correlated: fewer than three, or a " +
      "classifier that is not linear.",
    sizes ? `Mean sizes of attributions: ${told(sizes)}.` : ""];
  return parts.filter(Boolean).join(" ");
}

function dumbbells({ a, b, drug }, { rows }, words) {
  const shown = rows.slice(0, MOST);
  const sides = [["a", a], ["b", b]];
  const traces = sides.map(([side, bundle], at) => {
    const held = shown.map((row, place) => [row, place]).filter(([row]) => row[side]);
    return { type: "scatter", mode: "markers", name: `${LOOKS[at].letter}: ${sideName(bundle)}`,
      x: held.map(([row]) => row[side].mean_size.value), y: held.map(([, place]) => place + LOOKS[at].shift),
      error_x: { ...errorBars(held.map(([row]) => row[side].mean_size)), color: LOOKS[at].colour,
        thickness: 1.2 },
      marker: { color: LOOKS[at].colour, symbol: LOOKS[at].symbol, size: 9 },
      hovertext: held.map(([row]) => `${plain(row.title)}<br>A: ${weightWords(row.a)}<br>` +
        `B: ${weightWords(row.b)}`),
      hovertemplate: "%{hovertext}<extra></extra>" };
  });
  return [({ narrow }) => ({ data: traces, layout: { showlegend: true,
    xaxis: { title: narrow ? "mean size (log-odds)" : "mean size of the attribution (log-odds)",
      rangemode: "tozero" },
    yaxis: rowsAxis(shown.map((row) => `${shortened(row.title, narrow ? 12 : 40)}  ${ranksOf(row)}`)) } }), {
    name: `${drug}: ${words} in both bundles`, height: heightOf(shown.length, 30, 100),
    table: { columns: ["name", "kind", ...["A", "B"].flatMap((one) => [`rank ${one}`, `mean size ${one}`,
      `low ${one}`, `high ${one}`, `log-odds per SD ${one}`, `high counts towards ${one}`])],
    rows: rows.map((row) => [row.title, row.kind, ...cells(row.a), ...cells(row.b)]) },
  }];
}

const ranksOf = ({ a, b }) => `${a?.rank ?? "–"} → ${b?.rank ?? "–"}`;

const cells = (one) => (one ? [one.rank, one.mean_size.value, one.mean_size.low, one.mean_size.high,
  one.log_odds_per_sd, one.direction] : ["not in it", null, null, null, null, null]);

function weightWords(one) {
  if (!one) return "not in this bundle";
  return `rank ${one.rank}, ${figure(one.mean_size)}` +
    (one.direction ? `, high counts towards ${one.direction === "sensitivity" ? "sensitive" : "resistant"}` : "");
}

function lines({ a, b, drug, lines: both, missing }, plot) {
  if (!both) return [make("p", { class: "notice" }, `Lines cannot be compared: ${missing.join(" ")}`)];
  const n = both.name.length;
  const counts = `${n} lines are in both; ${both.n_a - n} in A alone, ${both.n_b - n} in B alone. ` +
    (n ? `The label of ${both.n_labels_changed || "none"} changed.`
      : "Lines go by the names of their cohort: two cohorts may name the same line differently.");
  if (!n || !both.probability_a || !both.probability_b) return [make("p", {}, counts)];
  const agree = both.agreement ? ` Probabilities while held out: Pearson ` +
    `${number(both.agreement.pearson, 2)}, Spearman ${number(both.agreement.spearman, 2)}.` : "";
  return [make("p", {}, counts + agree), plot("square", linesPlot(a, b, drug, both))];
}

function linesPlot(a, b, drug, both) {
  const at = both.name.map((_, place) => place);
  const label = (values, place) => (values ? (values[place] ? "sensitive" : "resistant") : "not kept");
  const flipped = (place) => both.is_sensitive_a && both.is_sensitive_b &&
    both.is_sensitive_a[place] !== both.is_sensitive_b[place];
  const groups = [["sensitive", "var(--sensitive)", "circle"], ["resistant", "var(--resistant)", "triangle-up"],
    ["not kept", "var(--other)", "circle"], ["label changed", "var(--ink)", "x"]];
  const traces = groups.map(([name, colour, symbol]) => {
    const held = at.filter((place) => (flipped(place) ? "label changed" : label(both.is_sensitive_b, place)) === name);
    return { type: "scatter", mode: "markers", name, x: held.map((place) => both.probability_a[place]),
      y: held.map((place) => both.probability_b[place]),
      marker: { color: colour, symbol, size: 8, opacity: 0.8 },
      hovertext: held.map((place) => `${plain(both.name[place])}<br>` +
        `${plain(both.lineage[place] ?? "lineage not known")}<br>A ${number(both.probability_a[place], 2)}, ` +
        `measured ${label(both.is_sensitive_a, place)}<br>B ${number(both.probability_b[place], 2)}, ` +
        `measured ${label(both.is_sensitive_b, place)}`),
      hovertemplate: "%{hovertext}<extra></extra>" };
  }).filter((one) => one.x.length);
  return [{ data: traces, layout: { showlegend: true,
    xaxis: { title: `probability in A (${sideName(a)})`, range: [-0.02, 1.02] },
    yaxis: { title: `probability in B (${sideName(b)})`, range: [-0.02, 1.02] },
    shapes: [{ type: "line", x0: 0, y0: 0, x1: 1, y1: 1, layer: "below",
      line: { color: "var(--soft)", width: 1.5, dash: "dot" } }] } }, {
    name: `${drug}: held-out probabilities of ${both.name.length} lines in both bundles`, height: 460,
    table: { columns: ["line", "lineage", "probability A", "probability B", "measured A", "measured B"],
      rows: at.map((place) => [both.name[place], both.lineage[place], both.probability_a[place],
        both.probability_b[place], label(both.is_sensitive_a, place), label(both.is_sensitive_b, place)]) },
  }];
}
