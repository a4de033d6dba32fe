// Two bundles side by side; of all drugs, or of the one that the address names.

import { ask, Refusal, root } from "./ask.js";
import { showDrug } from "./compare_drug.js";
import { showDrugs } from "./compare_drugs.js";
import { byId, make } from "./dom.js";
import { showProblem } from "./problem.js";

const TRIES = 40;
const PAUSE_MS = 3000; // while a version is being fetched

const place = byId("comparison");
if (place) start();

async function start() {
  const { a, b, drug } = place.dataset;
  const query = new URLSearchParams({ a, b });
  const path = drug ? `/v1/compare/${encodeURIComponent(drug)}` : "/v1/compare";
  const state = byId("compare-state");
  byId("compare-problem").replaceChildren();
  try {
    const found = await fetched(`${root}${path}?${query}`, state);
    state.textContent = "";
    // The list of bundles above was not known yet when the page was made.
    if ("unread" in place.dataset) location.reload();
    else (drug ? showDrug : showDrugs)(place, found, query);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    state.textContent = "";
    byId("compare-problem").replaceChildren(showProblem(error.problem),
      make("button", { type: "button", onclick: start }, "Try again"));
  }
}

// Asks again while a version is on its way; not for one that was refused.
async function fetched(address, state) {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await (await ask(address, { accept: "application/json" })).json();
    } catch (error) {
      const waits = error instanceof Refusal && error.problem.status === 503 && left > 1 &&
        !/refused/.test(error.problem.detail);
      if (!waits) throw error;
      state.textContent = `${error.problem.detail} This page asks again by itself.`;
      await new Promise((done) => { setTimeout(done, PAUSE_MS); });
    }
  }
}
