// The list of jobs, looked at anew every few seconds while somebody sees it; the form for new ones.

import { ask, Refusal } from "./ask.js";
import { byId } from "./dom.js";
import { takeJobs } from "./job_form.js";

const EVERY_MS = 3_000;

byId("job-filters").addEventListener("change", (event) => event.currentTarget.requestSubmit());
if (byId("job-form")) takeJobs(byId("job-form"));
setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);

let isAsking = false;

async function refresh() {
  if (document.hidden || isAsking) return;
  isAsking = true;
  try {
    const answer = await ask(location.href, { accept: "text/html" });
    const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = fetched.getElementById("jobs-now");
    if (!now) throw new Refusal({ detail: "You are not logged in any more." });
    replace(byId("jobs-now"), now);
    say("");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(`The list may be old: ${error.problem.detail}`);
  } finally {
    isAsking = false;
  }
}

function say(words) {
  if (byId("jobs-said").textContent !== words) byId("jobs-said").textContent = words;
}

// Whoever stands on a link goes on standing there.
function replace(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const address = focused?.getAttribute("href");
  old.replaceChildren(...fresh.childNodes);
  if (address) old.querySelector(`a[href="${CSS.escape(address)}"]`)?.focus({ preventScroll: true });
}
