// The page of drift: asks for what was counted, and shows it.

import { ask, Refusal, root } from "./ask.js";
import { byId, make } from "./dom.js";
import { domainPlot, genesPlot, histogram, timeLine } from "./drift_plots.js";
import { callerTable, factsOf, geneSentence, nameOf, verdictOf } from "./drift_words.js";
import { drawPlot } from "./plots.js";
import { showProblem } from "./problem.js";

const DAY_MS = 86_400_000;
const DAY = new Intl.DateTimeFormat("en-GB",
  { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const caller = byId("drift-caller");
const days = byId("drift-days");
const gene = byId("drift-gene");
const plots = new Map(); // id of a place -> what is drawn there
let asked = new AbortController();
let found = null;

byId("drift-choice").addEventListener("submit", (event) => event.preventDefault());
caller.addEventListener("change", look);
days.addEventListener("change", look);
gene.addEventListener("change", showGene);
look();

async function look() {
  asked.abort();
  asked = new AbortController();
  byId("drift-count").textContent = "Loading…";
  byId("drift-found").classList.add("busy");
  byId("drift-failure").replaceChildren();
  try {
    const answer = await ask(addressOf(), { accept: "application/json", signal: asked.signal });
    show(await answer.json());
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Refusal)) throw error;
    fail(error);
  }
}

function addressOf() {
  const first = new Date(Date.now() - (Number(days.value) - 1) * DAY_MS);
  const query = new URLSearchParams({ since: first.toISOString().slice(0, 10) });
  if (caller.value) query.set("caller", caller.value);
  return `${root}/v1/drift?${query}`;
}

function fail(refusal) {
  byId("drift-count").textContent = "";
  byId("drift-found").hidden = byId("drift-empty").hidden = true;
  byId("drift-failure").replaceChildren(showProblem(refusal.problem),
    make("p", {}, make("button", { type: "button", onclick: look }, "Try again")));
}

function show(answer) {
  found = answer;
  listCallers(answer.callers);
  const { n_profiles: profiles } = answer.overall;
  const isEmpty = profiles === 0;
  byId("drift-found").classList.remove("busy");
  byId("drift-empty").hidden = !isEmpty;
  byId("drift-found").hidden = isEmpty;
  byId("drift-count").textContent = isEmpty ? "No profiles in these days."
    : `${profiles.toLocaleString("en")} profiles, ${dayOf(answer.since)} to ${dayOf(answer.until)}`;
  if (isEmpty) return;
  byId("drift-verdict").textContent = verdictOf(answer.overall);
  byId("drift-meaning").textContent = answer.overall.meaning;
  byId("drift-facts").replaceChildren(...factsOf(answer));
  put("drift-genes", genesPlot(answer));
  byId("drift-by-day").hidden = answer.days.length < 2;
  if (answer.days.length > 1) put("drift-line", timeLine(answer));
  put("drift-domain", domainPlot(answer));
  byId("drift-callers").replaceChildren(callerTable(answer.callers));
  listGenes(answer.genes);
}

// The list keeps the caller that is chosen, also where it sent nothing in these days.
function dayOf(written) {
  return DAY.format(new Date(`${written}T00:00:00Z`));
}

function listCallers(callers) {
  const chosen = caller.value;
  const named = callers.map((one) => make("option", { value: one.caller }, nameOf(one)));
  if (chosen && !callers.some((one) => one.caller === chosen)) {
    named.push(make("option", { value: chosen }, chosen));
  }
  caller.replaceChildren(make("option", { value: "" }, "all callers"), ...named);
  caller.value = chosen;
}

function listGenes(genes) {
  const chosen = gene.value;
  gene.replaceChildren(...genes.map((one) => make("option", { value: one.gene },
    `${one.gene}${one.drifted ? " (changed)" : ""}`)));
  if (genes.some((one) => one.gene === chosen)) gene.value = chosen;
  gene.closest("section").hidden = genes.length === 0;
  showGene();
}

function showGene() {
  const one = found.genes.find((each) => each.gene === gene.value);
  if (!one) return;
  put("drift-histogram", histogram(one));
  byId("drift-gene-words").textContent = geneSentence(one);
}

function put(id, [figure, about]) {
  const plot = plots.get(id);
  if (plot) plot.update(figure, about);
  else plots.set(id, drawPlot(byId(id), figure, about));
}
