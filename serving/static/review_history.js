// What was said about a finding: entries are added, never changed or removed.

import { make } from "./dom.js";
import { moment, reference, stateChip } from "./review_words.js";

export function historyList(history) {
  if (!history.length) return make("p", { class: "help" }, "Nobody wrote about it yet.");
  const takenBack = new Map(history.filter((one) => one.withdraws !== null &&
    one.withdraws !== undefined).map((one) => [one.withdraws, one]));
  return make("ol", { class: "history" },
    ...history.map((one) => entryItem(one, takenBack.get(one.version))));
}

export function entryItem(one, takenBackBy = null) {
  return make("li", { class: takenBackBy ? "taken-back" : null },
    make("p", {}, make("strong", {}, one.reviewer), " ", ...deed(one), " ", moment(one.at),
      takenBackBy ? make("span", { class: "help" }, ` taken back by ${takenBackBy.reviewer}`) : null),
    one.comment ? make("p", { class: "written" }, one.comment) : null,
    one.reference ? make("p", {}, reference(one.reference)) : null);
}

function deed(one) {
  if (one.what === "assignment") {
    return [one.assignee === null ? "assigned it to nobody" : `assigned it to ${one.assignee}`];
  }
  if (one.verdict === "withdrawn") return [`took entry ${one.withdraws} back`];
  return ["judged it ", stateChip(one.verdict)];
}

// The judgement that stands, or null; as the service sees it.
export function standing(history) {
  let judgements = [];
  for (const one of history) {
    if (one.what !== "judgement") continue;
    if (one.verdict === "withdrawn") {
      judgements = judgements.filter((other) => other.version !== one.withdraws);
    } else judgements.push(one);
  }
  return judgements.at(-1) ?? null;
}
