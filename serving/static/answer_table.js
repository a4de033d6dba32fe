// Predictions as a table: a part of it at first, more when it is asked for.

import { approvalWords } from "./approvals.js";
import { callCell, callOf } from "./calls.js";
import { make } from "./dom.js";

const AT_ONCE = 100;

export const COLUMNS = [
  ["Sample", (one) => one.sample_id],
  ["Drug", (one) => one.drug],
  ["Probability of being sensitive", (one) => one.probability_sensitive.toFixed(3), "number"],
  ["Call", (one) => callCell(callOf(one))],
  ["Evidence for the drug", (one) => one.status],
  ["Review", (one) => approvalWords(one.approval)],
];

export function answerTable(predictions, { caption, columns = COLUMNS }) {
  const body = make("tbody");
  const more = make("button", { type: "button" });
  const last = make("p", { class: "more" }, more);
  let shown = 0;

  function showMore() {
    const next = predictions.slice(shown, shown + AT_ONCE);
    body.append(...next.map((one) => rowOf(one, columns)));
    shown += next.length;
    last.hidden = shown >= predictions.length;
    more.textContent = `Show more: ${shown.toLocaleString("en")} of ` +
      `${predictions.length.toLocaleString("en")} rows are shown`;
  }

  more.addEventListener("click", () => {
    const next = shown;
    showMore();
    body.rows[next].tabIndex = -1;
    body.rows[next].focus();
  });
  showMore();
  const head = columns.map(([name, , look]) => make("th", { scope: "col", class: look }, name));
  return make("div", {},
    make("div", { class: "scroll", role: "region", "aria-label": caption, tabindex: "0" },
      make("table", {}, make("caption", {}, caption),
        make("thead", {}, make("tr", {}, ...head)), body)),
    last);
}

function rowOf(one, columns) {
  const [first, ...others] = columns;
  return make("tr", {}, make("th", { scope: "row" }, first[1](one)),
    ...others.map(([, cell, look]) => make("td", { class: look }, cell(one))));
}
