// All drugs of two bundles: how good each classifier was, and is.

import { root } from "./ask.js";
import { difference, figure, notes, section, sideName, sidesTable, table } from "./compare_words.js";
import { make } from "./dom.js";
import { drawPlot, plain } from "./plots.js";

const COLOURS = { rises: "var(--sensitive)", falls: "var(--resistant)", stays: "var(--other)" };
const SYMBOLS = { rises: "triangle-up", falls: "triangle-down", stays: "circle" };
const ORDERS = {
  name: () => 0,
  change: (x, y) => size(y.roc_auc.difference) - size(x.roc_auc.difference),
  better: (x, y) => (y.roc_auc.difference ?? -9) - (x.roc_auc.difference ?? -9),
  worse: (x, y) => (x.roc_auc.difference ?? 9) - (y.roc_auc.difference ?? 9),
};

export function showDrugs(place, found, query) {
  const [of, box] = [found.drugs.length, make("div", { class: "square" })];
  place.replaceChildren(...[notes(found.notes), section("sides-title", "The two bundles",
    sidesTable(found.a, found.b)),
  section("status-title", "What the evidence amounts to", statuses(found)),
  section("roc-title", "How good each drug is, then and now", of ? null
    : make("p", { class: "empty" }, "No drug is in both bundles."),
  of ? make("p", { class: "help" }, "roc_auc on lines that were held out, of A and of B; above the " +
    "diagonal B is better. Intervals are of each bundle alone: a difference smaller than they are " +
    "says little.") : null, box),
  of ? section("drugs-title", "Drug by drug", ...drugList(found, query)) : null,
  section("only-title", "Drugs that one bundle alone knows", only("A", found.a, found.only_in_a),
    only("B", found.b, found.only_in_b))].filter(Boolean));
  if (of) drawPlot(box, ...scatter(found));
}

function statuses({ statuses: rows }) {
  if (!rows.length) return make("p", { class: "empty" }, "No drug is in both bundles.");
  return table("Drugs by what their evidence amounts to in both", ["In A", "In B", ["Drugs", "number"]],
    rows.map((row) => [row.a, row.a === row.b ? row.b : make("span", { class: "changed" }, row.b),
      String(row.n_drugs)]));
}

const changeOf = (row) => (row.status_rises > 0 ? "rises" : row.status_rises < 0 ? "falls" : "stays");

function scatter({ a, b, drugs }) {
  const known = drugs.filter((one) => one.roc_auc.difference !== null);
  const values = known.flatMap((one) => [one.roc_auc.a.value, one.roc_auc.b.value]);
  const range = [Math.min(...values) - 0.03, Math.max(...values) + 0.03];
  const traces = Object.keys(COLOURS).map((change) => {
    const shown = known.filter((one) => changeOf(one) === change);
    return { type: "scatter", mode: "markers", name: `status ${change}`,
      x: shown.map((one) => one.roc_auc.a.value), y: shown.map((one) => one.roc_auc.b.value),
      marker: { color: COLOURS[change], symbol: SYMBOLS[change], size: change === "stays" ? 7 : 11,
        opacity: 0.85 },
      hovertext: shown.map((one) => `${plain(one.drug)}<br>A ${figure(one.roc_auc.a)}, ${one.a.status}` +
        `<br>B ${figure(one.roc_auc.b)}, ${one.b.status}`),
      hovertemplate: "%{hovertext}<extra></extra>" };
  }).filter((one) => one.x.length);
  const figureOf = {
    data: traces,
    layout: { showlegend: true,
      xaxis: { title: `roc_auc in A (${sideName(a)})`, range },
      yaxis: { title: `roc_auc in B (${sideName(b)})`, range },
      shapes: [{ type: "line", x0: range[0], y0: range[0], x1: range[1], y1: range[1], layer: "below",
        line: { color: "var(--soft)", width: 1.5, dash: "dot" } }] },
  };
  return [figureOf, {
    name: `roc_auc of ${known.length} drugs, ${sideName(a)} and ${sideName(b)}`,
    height: (width) => Math.min(Math.max(width * 0.8, 320), 560),
    table: { columns: ["drug", "status A", "status B", "roc_auc A", "low A", "high A", "roc_auc B",
      "low B", "high B", "B minus A", "calibration error A", "calibration error B", "label changed",
      "lines A", "lines B"],
    rows: drugs.map((one) => [one.drug, one.a.status, one.b.status, ...ends(one.roc_auc.a),
      ...ends(one.roc_auc.b), one.roc_auc.difference, one.calibration_error.a.value,
      one.calibration_error.b.value, one.label_changed, one.a.n_lines, one.b.n_lines]) },
  }];
}

const ends = ({ value, low, high }) => [value, low, high];
const size = (value) => (value === null ? -1 : Math.abs(value));

function drugList({ drugs }, query) {
  const name = make("input", { type: "search", id: "of-drug", autocomplete: "off" });
  const which = make("select", { id: "of-which" }, ...[["", "all"], ["status", "whose status changed"],
    ["label", "whose labels changed"]].map(([value, words]) => make("option", { value }, words)));
  const order = make("select", { id: "of-order" }, ...[["change", "largest change first"],
    ["better", "most gained first"], ["worse", "most lost first"], ["name", "by name"]]
    .map(([value, words]) => make("option", { value }, words)));
  const count = make("p", { class: "count", role: "status" });
  const place = make("div");
  const form = make("form", { class: "filters drugs-filter", "aria-label": "Filter and order the drugs" },
    ...[["Drug", name], ["Which", which], ["Order", order]].map(([words, control]) =>
      make("p", { class: "field" }, make("label", { for: control.id }, words), control)), count);
  function refresh() {
    const wanted = name.value.trim().toLowerCase();
    const shown = drugs.filter((one) => one.drug.toLowerCase().includes(wanted) &&
      (which.value !== "status" || one.status_rises) && (which.value !== "label" || one.label_changed))
      .sort(ORDERS[order.value]);
    count.textContent = `${shown.length} of ${drugs.length} drugs`;
    place.replaceChildren(shown.length ? drugTable(shown, query)
      : make("p", { class: "empty" }, "No drug fits these filters."));
  }
  form.addEventListener("input", refresh);
  form.addEventListener("submit", (event) => event.preventDefault());
  refresh();
  return [form, place];
}

function drugTable(drugs, query) {
  return table("Drugs in both bundles", ["Drug", "Status", ["roc_auc A", "number"],
    ["roc_auc B", "number"], ["B − A", "number"], ["Calibration error A", "number"],
    ["B", "number"], "Labels"],
  drugs.map((one) => [
    make("a", { href: `${root}/compare?${query}&drug=${encodeURIComponent(one.drug)}` }, one.drug),
    one.a.status === one.b.status ? one.a.status
      : make("span", { class: "changed" }, `${one.a.status} → ${one.b.status}`),
    figure(one.roc_auc.a, 2), figure(one.roc_auc.b, 2), difference(one.roc_auc.difference),
    figure({ ...one.calibration_error.a, low: null }), figure({ ...one.calibration_error.b, low: null }),
    one.label_changed ? make("span", { class: "changed" }, "changed") : "same"]), "figures-table");
}

function only(letter, side, drugs) {
  if (!drugs.length) return make("p", {}, `${letter} (${sideName(side)}): none.`);
  return make("details", {}, make("summary", {}, `${letter} (${sideName(side)}): ${drugs.length} drug${drugs.length === 1 ? "" : "s"}`),
    make("ul", { class: "short-list" }, ...drugs.map((drug) => make("li", {}, drug))));
}
