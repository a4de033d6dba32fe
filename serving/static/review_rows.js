// The rows of the queue, and what stands in their place.

import { byId, make } from "./dom.js";
import { counted, KINDS, stateChip, subjectWords } from "./review_words.js";

export function fillRow(row, finding, me) {
  row.classList.toggle("done", finding.state !== "open");
  row.replaceChildren(
    make("span", { class: "row-line" }, make("strong", {}, subjectWords(finding.subject)), " ",
      make("span", { class: "row-drug" }, finding.drug)),
    make("span", { class: "row-line" }, make("span", { class: "row-kind" }, KINDS[finding.kind]),
      finding.assignee === null ? null : make("span", { class: "row-person" },
        finding.assignee === me ? "mine" : finding.assignee),
      " ", stateChip(finding.state)));
}

export function sayCount(n, whole, criteria) {
  byId("count").textContent = n === whole ? counted(n, "finding")
    : `${n.toLocaleString("en")} of ${counted(whole, "finding")}`;
  byId("queue").hidden = n === 0;
  byId("queue-empty").hidden = n > 0;
  if (n === 0) byId("queue-empty-words").textContent = whyEmpty(criteria);
}

function whyEmpty({ state, ...others }) {
  const onlyOpen = state === "open" && Object.values(others).every((one) => one === null);
  return onlyOpen ? "Every finding is judged. What is left are the sign-offs of the drugs."
    : "No finding fits these filters.";
}
