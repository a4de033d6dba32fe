// Tables that are sorted by their headings; cells say by what (data-value) where it is not the text.

import { make } from "./dom.js";

export function sortTables(where) {
  for (const table of where.querySelectorAll("table[data-sortable]")) {
    for (const heading of table.tHead.querySelectorAll("th[data-sort]")) {
      const button = make("button", { type: "button", class: "sort" }, ...heading.childNodes);
      button.addEventListener("click", () => sortBy(table, heading, nextOrder(heading)));
      heading.append(button);
    }
    offerOrders(table, where);
  }
}

// A choice of orders beside the filters: on a narrow screen there are no headings.
function offerOrders(table, where) {
  const choice = where.querySelector(`[data-order="${table.id}"]`);
  if (!choice) return;
  const asServed = [...table.tBodies[0].rows];
  choice.addEventListener("change", () => {
    const [place, order] = choice.value.split(" ");
    if (order) sortBy(table, table.tHead.rows[0].cells[place], order);
    else table.tBodies[0].append(...asServed);
  });
}

function nextOrder(heading) {
  // Figures: the largest first.
  const [first, second] = heading.dataset.sort === "number"
    ? ["descending", "ascending"] : ["ascending", "descending"];
  return heading.getAttribute("aria-sort") === first ? second : first;
}

function sortBy(table, heading, order) {
  const place = heading.cellIndex;
  const isNumber = heading.dataset.sort === "number";
  for (const other of table.tHead.querySelectorAll("th")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => compare(keyOf(a.cells[place], isNumber), keyOf(b.cells[place], isNumber), sign));
  table.tBodies[0].append(...rows);
}

function keyOf(cell, isNumber) {
  const text = cell.dataset.value ?? cell.textContent.trim();
  if (!isNumber) return text;
  return text === "" || Number.isNaN(Number(text)) ? null : Number(text);
}

// What has no figure comes last in either direction.
function compare(a, b, sign) {
  if (a === null || b === null) return (a === null) - (b === null);
  return sign * (typeof a === "number" ? a - b : a.localeCompare(b, "en", { sensitivity: "base" }));
}
