// What came back: what has to be known first, then the answers, filtered and in order.

import { answerTable } from "./answer_table.js";
import { limitsNotice, withheldNotice } from "./approvals.js";
import { CALLS, callOf, legend } from "./calls.js";
import { downloadCsv } from "./csv.js";
import { byId, make } from "./dom.js";
import { drugAnswer } from "./drug_answer.js";
import { aboutProfiles } from "./profile_report.js";

const DRUGS_AT_ONCE = 8;

export function showAnswers(answers, facts) {
  const place = byId("results");
  const title = byId("results-title");
  const shown = make("div");
  const controls = filterForm();
  const count = controls.querySelector("[data-count]");

  function selected() {
    return answers.predictions.filter((one) => fits(one, controls));
  }

  function refresh() {
    const some = selected();
    const drugs = inOrder(byDrug(some), controls, facts);
    count.textContent = `${some.length.toLocaleString("en")} of ` +
      `${answers.predictions.length.toLocaleString("en")} answers, ${drugs.length} drugs`;
    if (!some.length) {
      shown.replaceChildren(make("p", { class: "empty" }, "No answer fits these filters."));
    } else if (controls.elements.view.value === "table") {
      shown.replaceChildren(answerTable(drugs.flatMap(([, held]) => held), { caption: "Answers" }));
    } else {
      showDrugs(shown, drugs, facts, answers.reviews);
    }
  }

  controls.addEventListener("input", refresh);
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.querySelector("[data-download]").addEventListener("click", () =>
    downloadCsv(selected(), answers));
  place.replaceChildren(title, ...aboutProfiles(answers), ...withheldNotice(answers.reviews),
    ...limitsNotice(answers.reviews), controls, legend(), shown);
  refresh();
  place.hidden = false;
  title.focus({ preventScroll: true });
  title.scrollIntoView();
}

function showDrugs(place, drugs, facts, reviews) {
  const more = make("button", { type: "button" });
  const last = make("p", { class: "more" }, more);
  let next = 0;
  function showMore() {
    const some = drugs.slice(next, next + DRUGS_AT_ONCE)
      .map(([drug, held]) => drugAnswer(drug, held, facts.get(drug), reviews));
    last.before(...some);
    next += some.length;
    last.hidden = next >= drugs.length;
    more.textContent = `Show more drugs: ${next} of ${drugs.length} are shown`;
    return some;
  }
  place.replaceChildren(last);
  more.addEventListener("click", () => showMore()[0].querySelector("a").focus());
  showMore();
}

function byDrug(predictions) {
  const drugs = new Map();
  for (const one of predictions) {
    if (!drugs.has(one.drug)) drugs.set(one.drug, []);
    drugs.get(one.drug).push(one);
  }
  return [...drugs];
}

function inOrder(drugs, controls, facts) {
  const mean = (held) => held.reduce((sum, one) => sum + one.probability_sensitive, 0) / held.length;
  const strength = ([drug]) => facts.get(drug)?.rocAuc ?? -1;
  const orders = {
    evidence: (a, b) => strength(b) - strength(a),
    sensitive: (a, b) => mean(b[1]) - mean(a[1]),
    resistant: (a, b) => mean(a[1]) - mean(b[1]),
    name: () => 0,
  };
  const named = drugs.sort((a, b) => a[0].localeCompare(b[0], "en", { sensitivity: "base" }));
  return named.sort(orders[controls.elements.order.value]);
}

function fits(one, controls) {
  const { drug, sample, call } = controls.elements;
  return one.drug.toLowerCase().includes(drug.value.trim().toLowerCase()) &&
    one.sample_id.toLowerCase().includes(sample.value.trim().toLowerCase()) &&
    (call.value === "" || callOf(one) === call.value);
}

function filterForm() {
  return make("form", { class: "filters", "aria-label": "Filter and order the answers" },
    field("Drug", make("input", { type: "search", name: "drug", id: "r-drug", autocomplete: "off" })),
    field("Sample",
      make("input", { type: "search", name: "sample", id: "r-sample", autocomplete: "off" })),
    field("Call", select("call", [["", "any"],
      ...CALLS.map((call) => [call, call === "neither" ? "no call: like nothing seen" : call])])),
    field("Order", select("order", [["evidence", "strongest first"],
      ["sensitive", "most sensitive first"], ["resistant", "most resistant first"],
      ["name", "by name"]])),
    field("Show as", select("view", [["plots", "plots, drug by drug"], ["table", "one table"]])),
    make("p", {}, make("button", { type: "button", "data-download": true }, "Download CSV")),
    make("p", { class: "count", role: "status", "data-count": true }));
}

function field(name, control) {
  return make("p", { class: "field" }, make("label", { for: control.id }, name), control);
}

function select(name, choices) {
  return make("select", { name, id: `r-${name}` },
    ...choices.map(([value, words]) => make("option", { value }, words)));
}
