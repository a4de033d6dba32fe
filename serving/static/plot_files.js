// Below each plot: its numbers as CSV, itself as PNG and SVG, and its table to read.

import { cell } from "./csv.js";
import { make } from "./dom.js";
import { fileName, save } from "./download.js";

const MOST_ROWS = 200; // of a table on the page; the file holds all
const PNG_SCALE = 3;

// `now()` gives { name, table }; `picture(format)` the address of a drawing.
export function plotFiles(now, picture) {
  const said = make("span", { role: "status", class: "help" });
  const buttons = [
    button(now, "CSV", () => save(fileName(now().name, "csv"), csvOf(now().table))),
    ...["PNG", "SVG"].map((format) => button(now, format, async () => {
      said.textContent = "";
      try {
        const ending = format.toLowerCase();
        const scale = format === "PNG" ? PNG_SCALE : 1;
        save(fileName(now().name, ending), await picture({ format: ending, scale }));
      } catch {
        said.textContent = "The drawing could not be made. The CSV holds its numbers.";
      }
    })),
  ];
  return make("div", { class: "plot-files" },
    make("p", { class: "plot-buttons" }, ...buttons, said), plotTable(now));
}

function button(now, format, onclick) {
  return make("button", { type: "button", class: "small", onclick },
    make("span", { class: "unseen" }, "Download "), format,
    make("span", { class: "unseen" }, ` of: ${now().name}`));
}

// Rows are made when somebody opens the table, and again when the plot changes meanwhile.
function plotTable(now) {
  const place = make("div", { class: "scroll", tabindex: "0", role: "region" });
  const more = make("p", { class: "help" });
  const details = make("details", {}, make("summary", {}, "Table of this plot",
    make("span", { class: "unseen" }, `: ${now().name}`)), place, more);
  const fill = () => {
    if (!details.open) return;
    const { name, table } = now();
    place.setAttribute("aria-label", `Table: ${name}`);
    place.replaceChildren(tableOf(table, name));
    more.textContent = table.rows.length > MOST_ROWS
      ? `The first ${MOST_ROWS} of ${table.rows.length.toLocaleString("en")} rows; the CSV holds all.`
      : "";
  };
  details.addEventListener("toggle", fill);
  details.addEventListener("change-of-plot", fill);
  return details;
}

function tableOf({ columns, rows }, name) {
  const isNumber = columns.map((_, at) => rows.some((row) => typeof row[at] === "number"));
  const look = (at) => (isNumber[at] ? "number" : null);
  return make("table", {}, make("caption", {}, name),
    make("thead", {}, make("tr", {}, ...columns.map((one, at) =>
      make("th", { scope: "col", class: look(at) }, one)))),
    make("tbody", {}, ...rows.slice(0, MOST_ROWS).map((row) => make("tr", {},
      ...row.map((value, at) => (at === 0 ? make("th", { scope: "row" }, shown(value))
        : make("td", { class: look(at) }, shown(value))))))));
}

function shown(value) {
  if (value === null || value === undefined) return "not known";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : String(value);
}

function csvOf({ columns, rows }) {
  const lines = [columns, ...rows].map((row) => row.map((value) => cell(value ?? "")).join(","));
  return new Blob([lines.join("\r\n"), "\r\n"], { type: "text/csv" });
}
