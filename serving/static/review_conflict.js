// What stands between somebody and the desk: others wrote first, or nothing could be stored.

import { root } from "./ask.js";
import { make } from "./dom.js";
import { showProblem } from "./problem.js";
import { entryItem } from "./review_history.js";
import { reference, stateChip } from "./review_words.js";

export function conflictBox(others, entry, { onKeep, onSave }) {
  const names = [...new Set(others.map((one) => one.reviewer))].join(" and ");
  return make("div", { class: "conflict" },
    make("h3", {}, `${names || "Somebody else"} wrote about this finding while you read it`),
    make("p", {}, "Nothing of yours is stored yet, and nothing you typed is lost."),
    make("div", { class: "columns two" },
      make("section", {}, make("h4", {}, "Theirs, stored"),
        make("ol", { class: "history" }, ...others.map((one) => entryItem(one)))),
      make("section", {}, make("h4", {}, "Yours, not stored"), ...mine(entry))),
    make("p", { class: "actions" },
      make("button", { type: "button", onclick: onKeep }, "Keep theirs"),
      make("button", { type: "button", class: "main", onclick: onSave },
        "Save mine as a new entry")));
}

function mine(entry) {
  if ("assignee" in entry) return [make("p", {}, `Assign it to ${entry.assignee ?? "nobody"}`)];
  return [make("p", {}, entry.verdict === "withdrawn" ? "Take the latest judgement back"
    : stateChip(entry.verdict)),
  entry.comment ? make("p", { class: "written" }, entry.comment) : null,
  entry.reference ? make("p", {}, reference(entry.reference)) : null].filter(Boolean);
}

// Nothing was stored: why, and the way on. What was typed stays where it is.
export function failureBox(problem, { onAgain }) {
  const here = encodeURIComponent(location.pathname + location.search);
  const way = problem.status === 401
    ? make("a", { class: "button", href: `${root}/login?next=${here}` }, "Log in, and come back here")
    : make("button", { type: "button", class: "main", onclick: onAgain }, "Try again");
  return make("div", {},
    make("p", {}, make("strong", {}, "Not stored."), " What you typed is kept."),
    showProblem(problem), make("p", { class: "actions" }, way));
}
