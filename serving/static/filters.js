// Filters of a list that is whole on the page: rows that do not fit are hidden.

import { byId } from "./dom.js";

export function filterLists(where) {
  for (const form of where.querySelectorAll("form[data-filters]")) filterList(form);
}

function filterList(form) {
  const list = byId(form.dataset.filters);
  const rows = [...(list.tBodies ? list.tBodies[0].rows : list.children)];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const controls = [...form.querySelectorAll("[data-filter]")];
  const empty = document.querySelector(`[data-empty="${list.id}"]`);

  function apply() {
    let shown = 0;
    for (const row of rows) {
      row.hidden = !controls.every((control) => fits(row, control, texts.get(row)));
      if (!row.hidden) shown += 1;
    }
    const all = shown === rows.length;
    form.querySelector("[data-count]").textContent =
      all ? `All ${rows.length} shown` : `${shown} of ${rows.length} shown`;
    empty.hidden = shown > 0;
    list.hidden = shown === 0;
  }

  presetFrom(new URLSearchParams(location.search), controls);
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.querySelector(`[data-clear="${list.id}"]`).addEventListener("click", () => {
    form.reset();
    apply();
    controls[0].focus();
  });
  // A link to a row leads to it even where it is filtered out.
  window.addEventListener("hashchange", () => {
    const row = byId(decodeURIComponent(location.hash.slice(1)));
    if (row && texts.has(row) && row.hidden) {
      form.reset();
      apply();
      row.scrollIntoView();
    }
  });
  apply();
}

function fits(row, control, text) {
  const value = control.type === "checkbox" && !control.checked ? "" : control.value;
  if (!value) return true;
  if (control.dataset.filter === "text") {
    return value.toLowerCase().split(/\s+/).every((word) => text.includes(word));
  }
  return (row.dataset[control.dataset.filter] ?? "").split("|").includes(value);
}

// ?drug=Cisplatin sets the filter `drug`; ?search= the text.
function presetFrom(given, controls) {
  for (const control of controls) {
    const name = control.dataset.filter === "text" ? "search" : control.dataset.filter;
    // ?gene=SLC31A1 looks for the word: genes are no choice of their own.
    const value = given.get(name) ?? (name === "search" ? given.get("gene") : null);
    if (value === null) continue;
    if (control.type === "checkbox") control.checked = value === control.value;
    else control.value = value;
    if (control.value !== value && name === "drug") {
      const search = controls.find((one) => one.dataset.filter === "text");
      control.value = "";
      search.value = value; // a drug that no claim names as such: look for the words
    }
  }
}
