// Cancel, resume, run again: asked for once more before they are done.

import { ask, Refusal, root } from "./ask.js";
import { byId } from "./dom.js";
import { newKey } from "./new_key.js";
import { showProblem } from "./problem.js";

const WORDS = {
  cancel: {
    title: "Cancel this job?",
    words: "Its worker stops within seconds. What is behind a checkpoint is kept: the job can be " +
      "resumed later.",
    yes: "Cancel the job",
  },
  resume: {
    title: "Resume this job?",
    words: "It goes back into the queue, and goes on after its last checkpoint.",
    yes: "Resume the job",
  },
  retry: {
    title: "Run it again?",
    words: "A new job of the same settings goes into the queue. This one stays as it is.",
    yes: "Make a new job",
  },
};

// `resumed` is called when the job goes on.
export function offerActions(job, address, resumed) {
  const actions = byId("job-actions");
  const keys = {}; // one for each wish: a click that comes twice makes one job
  actions?.addEventListener("click", async (event) => {
    const action = event.target.dataset.action;
    if (!action || !await isMeant(action)) return;
    keys[action] ??= newKey();
    byId("job-problem").replaceChildren();
    try {
      const answer = await ask(`${address}/${action}`, {
        method: "POST", headers: { "Idempotency-Key": keys[action] },
      });
      delete keys[action];
      const changed = await answer.json();
      if (action === "retry") location.assign(`${root}/jobs/${changed.job_id}`);
      if (action === "resume") resumed();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.problem.status !== undefined) delete keys[action];
      byId("job-problem").replaceChildren(showProblem(error.problem));
    }
  });
}

function isMeant(action) {
  const asked = byId("job-ask");
  byId("ask-title").textContent = WORDS[action].title;
  byId("ask-words").textContent = WORDS[action].words;
  byId("ask-yes").textContent = WORDS[action].yes;
  asked.returnValue = "no";
  asked.showModal();
  return new Promise((resolve) => {
    asked.addEventListener("close", () => resolve(asked.returnValue === "yes"), { once: true });
  });
}
