// The form for predictions: what is asked, sending it, and what comes back.

import { ask, Refusal, root } from "./ask.js";
import { chooseDrugs } from "./drug_choice.js";
import { byId, make } from "./dom.js";
import { showProblem } from "./problem.js";
import { takeProfiles } from "./profile_choice.js";
import { showAnswers } from "./results.js";

start();

function start() {
  const form = byId("predict");
  const profiles = takeProfiles(form);
  const drugs = chooseDrugs();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = questionOf(form, profiles, drugs);
    if (question) send(question, drugs);
  });
  byId("send").disabled = byId("example").disabled = false;
  const useAskedExample = () => location.hash === "#example" && profiles.useExample();
  window.addEventListener("hashchange", useAskedExample);
  useAskedExample();
}

// What is asked, as a form; null where something is missing, which is then said beside its place.
function questionOf(form, profiles, drugs) {
  const scale = form.querySelector("input[name=scale]:checked");
  const missing = [
    say("profiles", profiles.file() ? "" : "Choose a file, paste a table, or use the example.",
      byId("file")),
    say("scales", scale ? "" : "Say what the values are.", byId("scales").querySelector("input")),
    say("drugs", drugs.isAnswerable() ? "" : "Choose at least one drug, or all.",
      byId("drug-search")),
  ].filter(Boolean);
  if (missing.length) {
    missing[0].focus();
    return null;
  }
  const question = new FormData();
  const file = profiles.file();
  question.append("file", file, file.name);
  question.append("scale", scale.value);
  question.append("level", byId("level").value);
  const lineage = byId("lineage")?.value;
  if (lineage) question.append("lineage", lineage);
  for (const drug of drugs.chosen() ?? []) question.append("drugs", drug);
  return question;
}

function say(part, words, place) {
  byId(`${part}-wrong`).textContent = words;
  if (words) {
    place.setAttribute("aria-invalid", "true");
    place.setAttribute("aria-errormessage", `${part}-wrong`);
    return place;
  }
  place.removeAttribute("aria-invalid");
  return null;
}

async function send(question, drugs) {
  const stop = new AbortController();
  const ended = showProgress(stop);
  byId("failure").replaceChildren();
  byId("results").hidden = true;
  try {
    const answer = await ask(`${root}/v1/predictions`, {
      method: "POST", body: question, accept: "application/json", signal: stop.signal,
    });
    const answers = await answer.json();
    ended(`Done: ${counted(answers.samples.length, "sample")}, ` +
      `${counted(new Set(answers.predictions.map((one) => one.drug)).size, "drug")}.`);
    showAnswers(answers, drugs.facts);
  } catch (error) {
    if (error.name === "AbortError") {
      ended("Cancelled.");
    } else if (error instanceof Refusal) {
      ended("");
      byId("failure").replaceChildren(showProblem(error.problem),
        make("p", {}, "The form above is as you left it: change it and try again."));
      byId("failure").focus({ preventScroll: true });
      byId("failure").scrollIntoView({ block: "center" });
    } else {
      ended("The answer could not be shown.");
      throw error;
    }
  }
}

// Says how long it has been taking; returns what ends that.
function showProgress(stop) {
  const [button, cancel, progress] = [byId("send"), byId("cancel"), byId("progress")];
  const began = Date.now();
  button.disabled = true;
  cancel.hidden = false;
  cancel.onclick = () => stop.abort();
  progress.textContent = "Sending, reading and predicting…";
  progress.classList.add("busy");
  const ticking = setInterval(() => {
    const seconds = Math.round((Date.now() - began) / 1000);
    progress.textContent = `Sending, reading and predicting… ${seconds} s`;
  }, 5000); // a screen reader hears each change
  return (words) => {
    clearInterval(ticking);
    button.disabled = false;
    cancel.hidden = true;
    progress.classList.remove("busy");
    progress.textContent = words;
  };
}

function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
