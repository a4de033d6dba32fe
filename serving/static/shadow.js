// The page of the shadow: asks for what was compared, and shows it.

import { ask, Refusal, root } from "./ask.js";
import { byId, make } from "./dom.js";
import { drawPlot } from "./plots.js";
import { showProblem } from "./problem.js";
import { drugsPlot } from "./shadow_plot.js";
import { callTable, changedTable, factsOf, pairWords, sentenceOf, stateWords, verdictOf }
  from "./shadow_words.js";

const pair = byId("shadow-pair");
const drug = byId("shadow-drug");
let asked = new AbortController();
let found = null;
let plot = null;

byId("shadow-choice").addEventListener("submit", (event) => event.preventDefault());
pair.addEventListener("change", look);
drug.addEventListener("change", showCalls);
look();

async function look() {
  asked.abort();
  asked = new AbortController();
  byId("shadow-state").textContent = "Loading…";
  byId("shadow-found").classList.add("busy");
  byId("shadow-failure").replaceChildren();
  try {
    const answer = await ask(`${root}/v1/shadow${pair.value}`,
      { accept: "application/json", signal: asked.signal });
    show(await answer.json());
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Refusal)) throw error;
    fail(error);
  }
}

function fail(refusal) {
  byId("shadow-state").textContent = "";
  byId("shadow-found").hidden = byId("shadow-empty").hidden = true;
  byId("shadow-failure").replaceChildren(showProblem(refusal.problem),
    make("p", {}, make("button", { type: "button", onclick: look }, "Try again")));
}

function show(answer) {
  found = answer.pair;
  listPairs(answer.pairs);
  const isEmpty = found === null || found.n_answers === 0;
  byId("shadow-state").textContent = stateWords(answer);
  byId("shadow-found").classList.remove("busy");
  byId("shadow-found").hidden = found === null;
  byId("shadow-empty").hidden = !isEmpty;
  if (found === null) return;
  byId("shadow-verdict").textContent = verdictOf(found);
  byId("shadow-facts").replaceChildren(...factsOf(found));
  for (const place of ["shadow-plot", "shadow-calls", "shadow-changed"]) {
    byId(place).closest("section").hidden = isEmpty;
  }
  if (isEmpty) return;
  const [figure, about] = drugsPlot(found.drugs.filter((one) => one.n > 0));
  if (plot) plot.update(figure, about);
  else plot = drawPlot(byId("shadow-plot"), figure, about);
  listDrugs(found.drugs.filter((one) => one.n > 0));
  byId("shadow-changed").replaceChildren(changedTable(found.drugs));
}

function listPairs(pairs) {
  const chosen = pair.value;
  const options = pairs.map((one) => make("option", { value: addressOf(one) }, pairWords(one)));
  pair.replaceChildren(make("option", { value: "" }, "the latest"), ...options);
  pair.value = chosen;
  pair.closest("p").hidden = pairs.length < 2;
}

function addressOf({ challenger, champion }) {
  return `?${new URLSearchParams({ challenger: challenger.sha256, champion: champion.sha256 })}`;
}

function listDrugs(drugs) {
  const chosen = drug.value;
  drug.replaceChildren(make("option", { value: "" }, "all drugs"),
    ...drugs.map((one) => make("option", { value: one.drug }, one.drug)));
  if (drugs.some((one) => one.drug === chosen)) drug.value = chosen;
  showCalls();
}

function showCalls() {
  const one = found.drugs.find((each) => each.drug === drug.value);
  byId("shadow-calls").replaceChildren(callTable((one ?? found).changes, found));
  byId("shadow-words").textContent = one ? sentenceOf(one) : "";
}
