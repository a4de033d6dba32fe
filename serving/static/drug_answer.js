// One drug: what is answered of each sample, and beside it what the answers are worth.

import { answerTable, COLUMNS } from "./answer_table.js";
import { approvalBeside } from "./approvals.js";
import { ask, Refusal, root } from "./ask.js";
import { make } from "./dom.js";
import { dotPlot, summary } from "./dot_plot.js";

const fetched = new Map(); // drug -> promise of its evidence

export function drugAnswer(drug, predictions, facts, reviews) {
  const status = predictions[0].status;
  const evidence = make("div", { class: "evidence" }, make("h4", {}, "What this is worth"),
    make("p", { class: "help" }, "Loading the evidence…"));
  showEvidence(drug, evidence);
  const name = facts ? make("a", { href: root + facts.address }, drug) : drug;
  return make("article", { class: "drug-answer" },
    make("h3", {}, name), make("span", { class: `status ${status}` }, status),
    approvalBeside(predictions[0].approval, reviews.limits[drug]),
    make("p", { class: "tally" }, summary(predictions), ". ", make("a",
      { href: `${root}/what-if?drug=${encodeURIComponent(drug)}` }, "Take an answer apart")),
    make("div", { class: "pair" },
      make("div", {}, make("h4", {}, "Samples"), dotPlot(drug, predictions),
        tableOf(drug, predictions)),
      evidence));
}

// The rows are made when they are looked at: there may be thousands.
function tableOf(drug, predictions) {
  const details = make("details", {}, make("summary", {}, "Table of this plot"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.children.length > 1) return;
    const columns = COLUMNS.filter(([name]) => !["Drug", "Evidence for the drug", "Review"].includes(name));
    details.append(answerTable(predictions, { caption: `Answers for ${drug}`, columns }));
  });
  return details;
}

async function showEvidence(drug, place) {
  const heading = place.firstChild;
  try {
    const html = await evidenceOf(drug);
    // From this service, which escapes whatever stands in it.
    const piece = new DOMParser().parseFromString(html, "text/html");
    place.replaceChildren(heading, ...piece.body.childNodes);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    place.replaceChildren(heading,
      make("p", { class: "help" }, `The evidence cannot be shown: ${error.problem.detail}`));
  }
}

function evidenceOf(drug) {
  if (!fetched.has(drug)) {
    const address = `${root}/predict/evidence/${encodeURIComponent(drug)}`;
    const promise = ask(address, { accept: "text/html" }).then((answer) => answer.text());
    promise.catch(() => fetched.delete(drug));
    fetched.set(drug, promise);
  }
  return fetched.get(drug);
}
