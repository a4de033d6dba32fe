// Words and tables that comparisons share.

import { make } from "./dom.js";
import { minus } from "./what_if_gene.js";

export const sideName = (side) => (side.version === null ? `bundle ${side.sha256.slice(0, 12)}`
  : `version ${side.version}`);

export const number = (value, digits = 3) => (value === null || value === undefined ? "not known"
  : minus(value.toFixed(digits)));

export function figure(one, digits = 3) {
  if (one.value === null) return one.reason?.split(":")[0] ?? "not known";
  const ends = one.low === null || one.high === null ? ""
    : ` [${number(one.low, digits)}, ${number(one.high, digits)}]`;
  return number(one.value, digits) + ends;
}

export function difference(value, digits = 3) {
  if (value === null) return "not known";
  const size = Math.abs(value).toFixed(digits);
  return Number(size) === 0 ? size : `${value < 0 ? "−" : "+"}${size}`;
}

// table(name, ["Drug", ["roc_auc", "number"]], [[cell, ...], ...])
export function table(name, heads, rows, look = "") {
  const looks = heads.map((head) => (Array.isArray(head) ? head[1] : null));
  return make("div", { class: `scroll ${look}`, role: "region", "aria-label": name, tabindex: "0" },
    make("table", {}, make("caption", {}, name),
      make("thead", {}, make("tr", {}, ...heads.map((head, at) => (head === ""
        ? make("td") : make("th", { scope: "col", class: looks[at] },
          Array.isArray(head) ? head[0] : head))))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell, at) => (at === 0
        ? make("th", { scope: "row" }, cell) : make("td", { class: looks[at] }, cell))))))));
}

export function section(id, title, ...content) {
  return make("section", { "aria-labelledby": id }, make("h2", { id }, title), ...content);
}

export function notes(sentences) {
  return sentences.length ? make("div", { class: "notice" }, ...sentences.map((one) => make("p", {}, one)))
    : null;
}

// What both bundles are, field by field.
export function sidesTable(a, b, further = []) {
  const rows = [
    ["Cohort", (one) => one.cohort + (one.simulated ? " (simulated)" : "")],
    ["Trained", (one) => (one.created_at ?? "not stated").slice(0, 10)],
    ["Drugs", (one) => String(one.n_drugs)],
    ["Genes of the panel", (one) => String(one.n_genes)],
    ["Lines", (one) => (one.n_samples === null ? "not stated" : String(one.n_samples))],
    ["Response", (one) => one.response_kind ?? "not stated"],
    ["SHA-256", (one) => one.sha256.slice(0, 12)], ...further];
  return table("What each bundle is", ["", `A: ${sideName(a)}`, `B: ${sideName(b)}`],
    rows.map(([name, value]) => [name, value(a), value(b)]));
}
