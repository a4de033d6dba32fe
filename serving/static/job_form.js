// The form for a new job.

import { ask, Refusal, root } from "./ask.js";
import { byId } from "./dom.js";
import { newKey } from "./new_key.js";
import { showProblem } from "./problem.js";

const NUMBERS = ["random_sets", "n_folds", "n_seeds", "seed", "batch_drugs"];

export function takeJobs(form) {
  let key = newKey(); // one for each job: whoever sends it twice gets the job of the first time
  form.addEventListener("change", () => showKind(form));
  form.addEventListener("input", () => { key = newKey(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!isWhole(form)) return;
    byId("send-job").disabled = true;
    byId("form-problem").replaceChildren();
    try {
      const answer = await ask(`${root}/v1/jobs`, {
        method: "POST", json: jobOf(form), headers: { "Idempotency-Key": key },
      });
      location.assign(`${root}/jobs/${(await answer.json()).job_id}`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      byId("form-problem").replaceChildren(showProblem(error.problem));
      byId("form-problem").focus();
      byId("send-job").disabled = false;
    }
  });
  byId("send-job").disabled = false;
  if (location.hash === "#new-job") byId("new-job").open = true;
  showKind(form);
}

function showKind(form) {
  const kind = form.elements.kind.value;
  for (const part of form.querySelectorAll(".job-fields[data-kind]")) {
    part.hidden = part.dataset.kind !== kind;
    for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = part.hidden;
  }
}

// Marks what is missing or out of range, and leads to the first of it.
function isWhole(form) {
  const wrong = [...form.elements].filter((field) => field.willValidate && !field.checkValidity());
  for (const field of form.elements) field.removeAttribute("aria-invalid");
  for (const field of wrong) field.setAttribute("aria-invalid", "true");
  if (!wrong.length) return true;
  const hiding = wrong[0].closest("details:not(#new-job)");
  if (hiding) hiding.open = true;
  wrong[0].focus();
  wrong[0].reportValidity();
  return false;
}

function jobOf(form) {
  const { kind, cohort, drugs, promote, bundle, policy, drill, force } = form.elements;
  const job = { kind: kind.value, force: force.checked };
  if (policy.value.trim()) job.policy = policy.value.trim();
  if (kind.value === "promote") return { ...job, bundle: bundle.value.trim() };
  const names = drugs.value.split("\n").map((name) => name.trim()).filter(Boolean);
  for (const name of NUMBERS) job[name] = Number(form.elements[name].value);
  return {
    ...job, cohort: cohort.value.trim(), drugs: names.length ? [...new Set(names)] : "all",
    promote: promote.value, drill: drill.checked ? "shuffled_labels" : null,
  };
}
