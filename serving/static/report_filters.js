// The filters of a report: one lineage, one gene set; they act on every plot.

import { byId, make } from "./dom.js";
import { lineageOf, selectFrom } from "./report_selection.js";

// Fills the choices from the report, and calls `changed` with what is selected, now and later.
export function readFilters(record, changed) {
  const form = byId("report-filters");
  const { lines, sets, genes } = record.drivers;
  const counts = new Map();
  lines.name.forEach((_, at) => {
    const name = lineageOf(lines, at);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  const lineages = [...counts].sort((a, b) => a[0].localeCompare(b[0]));
  form.elements.lineage.append(...lineages.map(([name, count]) =>
    make("option", { value: name }, `${name} (${count})`)));
  form.elements.set.append(...sets.filter((one) => one.kind === "set")
    .sort((a, b) => a.title.localeCompare(b.title))
    .map((one) => make("option", { value: one.name }, `${one.title} (${one.n_genes})`)));
  for (const control of form.elements) control.disabled = false;

  const apply = () => {
    const selection = selectFrom(record, {
      lineage: form.elements.lineage.value, set: form.elements.set.value });
    byId("report-count").textContent = `${selection.at.length} of ${lines.name.length} lines, ` +
      `${geneCount(selection.genes)} of ${geneCount(genes)} genes`;
    changed(selection);
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply)); // after the choices are back
  apply();
}

const geneCount = (entries) => entries.filter((one) => one.kind === "gene").length;
