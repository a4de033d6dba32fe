// An answer in words: probability, call, conformal set, and how unlike the training lines.

import { callCell, callOf, MEANINGS } from "./calls.js";
import { make } from "./dom.js";
import { minus } from "./what_if_gene.js";

const FAR = 95;

// One answer, or the answer as given beside the one with moved genes.
export function answerTable(given, now = null) {
  const columns = now ? [given, now] : [given];
  const rows = [
    ["Probability of being sensitive", (one) => one.explanation.probability_sensitive.toFixed(3)],
    ["Call", (one) => callCell(callOf(one.explanation))],
    ["Conformal set", (one) => setWords(one.explanation)],
    ["It means", (one) => MEANINGS[callOf(one.explanation)]],
    ["Log-odds", (one) => minus(one.explanation.log_odds.toFixed(2))],
    ["Unlike training lines (0: amid them)", (one) => likeness(one.sample.domain_percentile)],
  ];
  if (!now) {
    rows.push(["Evidence for the drug", (one) => one.explanation.status],
      ["Review", (one) => one.explanation.approval],
      ["Lineage used", (one) => one.sample.lineage_used]);
  }
  const heads = now ? ["As given", "With the moves"] : ["Answer"];
  return make("div", { class: "scroll", role: "region", "aria-label": now ? "Answer with the moves" : "Answer as given", tabindex: "0" },
    make("table", { class: "answers" },
      make("caption", now ? { class: "unseen" } : {},
        `${given.explanation.drug}, ${given.explanation.sample_id}`),
      make("thead", {}, make("tr", {}, make("td"),
        ...heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...rows.map(([name, value]) => make("tr", {},
        make("th", { scope: "row" }, name), ...columns.map((one) => make("td", {}, value(one))))))));
}

// What a change of the answer is, in a sentence: read out when it comes.
export function changeWords(given, now) {
  const [before, after] = [given.explanation, now.explanation];
  const [was, is] = [callOf(before), callOf(after)];
  const probability = `Probability ${before.probability_sensitive.toFixed(3)} as given, ` +
    `${after.probability_sensitive.toFixed(3)} now.`;
  return was === is ? `${probability} Still ${callWords(is)}.`
    : `${probability} From ${callWords(was)} to ${callWords(is)}.`;
}

export const callWords = (call) => (call === "neither" ? "no call (like nothing seen)" : call);

export function setWords(explanation) {
  const set = explanation.conformal_set;
  return set.length ? set.join(" and ") : "empty";
}

function likeness(percentile) {
  if (percentile === null) return "not known";
  return percentile >= FAR ? `${Math.round(percentile)} of 100: like few or none`
    : `${Math.round(percentile)} of 100`;
}
