// The page that takes an answer apart: reads a profile, asks, and shows what the answer rests on.
// The profile stays in this page's memory, and nowhere else.

import { ask, Refusal, root } from "./ask.js";
import { byId, make } from "./dom.js";
import { showProblem } from "./problem.js";
import { takeProfiles } from "./profile_choice.js";
import { loadPlotly } from "./plots.js";
import { answerTable } from "./what_if_answer.js";
import { showMoves } from "./what_if_moves.js";
import { answerOf, explainFile, explainMoved, isSame, profileOf } from "./what_if_profile.js";
import { trainingLines } from "./waterfall_lines.js";
import { waterfall } from "./waterfall.js";

const MOST_SAMPLES = 100;
let asking = null; // what is being asked, so that a later question ends it

const form = byId("what-if");
if (form) start();

function start() {
  const profiles = takeProfiles(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = askedOf(profiles);
    if (asked) takeApart(asked);
  });
  byId("drug").addEventListener("change", () => {
    if (!byId("results").hidden) form.requestSubmit();
  });
  byId("send").disabled = byId("example").disabled = false;
}

// What is asked; null where something is missing, which is then said beside its place.
function askedOf(profiles) {
  const scale = form.querySelector("input[name=scale]:checked");
  const wrong = [
    say("profiles", profiles.file() ? "" : "Choose a file, paste a table, or use the example.",
      byId("file")),
    say("scales", scale ? "" : "Say what the values are.", form.querySelector("input[name=scale]")),
  ].filter(Boolean);
  if (wrong.length) {
    wrong[0].focus();
    return null;
  }
  return { file: profiles.file(), scale: scale.value, drug: byId("drug").value,
    level: Number(byId("level").value), lineage: byId("lineage")?.value ?? "" };
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

async function takeApart(asked) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  loadPlotly().catch(() => {}); // each plot says so itself
  byId("progress").textContent = "Reading the profile and asking…";
  byId("failure").replaceChildren();
  byId("results").hidden = true;
  try {
    const [answers, ranges, lines] = await everything(asked, signal);
    byId("progress").textContent = "Done. The answer stands below.";
    showAll(answers, ranges, lines, asked);
  } catch (error) {
    if (error.name === "AbortError") return;
    byId("progress").textContent = "";
    if (!(error instanceof Refusal)) throw error;
    byId("failure").replaceChildren(showProblem(error.problem),
      make("p", {}, "The form above is as you left it: change it and try again."));
    byId("failure").focus({ preventScroll: true });
    byId("failure").scrollIntoView({ block: "center" });
  }
}

async function everything(asked, signal) {
  const answer = await ask(`${root}/v1/predictions`, { method: "POST", body: questionOf(asked),
    accept: "application/json", signal });
  const { samples } = await answer.json();
  if (samples.length > MOST_SAMPLES) throw new Refusal(tooMany(samples.length));
  return Promise.all([
    explainFile(questionOf(asked), signal),
    ask(`${root}/what-if/genes`, { signal }).then((found) => found.json()),
    linesOf(asked.drug, signal),
  ]);
}

function questionOf({ file, scale, level, lineage, drug }) {
  const question = new FormData();
  question.append("file", file, file.name);
  question.append("scale", scale);
  question.append("level", String(level));
  question.append("drugs", drug);
  if (lineage) question.append("lineage", lineage);
  return question;
}

const tooMany = (number) => ({
  title: "Too many samples for this page",
  detail: `The file holds ${number.toLocaleString("en")} samples.`,
  needed: `at most ${MOST_SAMPLES}: all genes of each are taken apart.`,
  remedy: "Cut the samples of interest out of the file. Predict takes all of them.",
});

// The training lines as the report has them; without them the rest of the page still holds.
async function linesOf(drug, signal) {
  try {
    const address = `${root}/v1/reports/${encodeURIComponent(drug)}`;
    const record = await (await ask(address, { accept: "application/json", signal })).json();
    return { drivers: record.drivers, why: record.missing.join(" "), sha256: record.bundle.sha256 };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { drivers: null, why: `${error.problem.detail} ${error.problem.remedy ?? ""}` };
  }
}

function showAll(answers, ranges, lines, asked) {
  if (ranges.bundle_sha256 !== answers.bundle.sha256) throw new Refusal(swapped());
  if (lines.drivers && lines.sha256 !== answers.bundle.sha256) {
    lines = { drivers: null, why: "Another bundle answers since; take the profile apart again." };
  }
  const samples = byId("sample");
  samples.replaceChildren(...answers.samples.map((one, at) =>
    make("option", { value: at }, one.sample_id)));
  samples.onchange = () => showSample(answers, ranges, lines, asked);
  byId("results").hidden = false;
  showSample(answers, ranges, lines, asked);
  byId("answer-title").focus({ preventScroll: true });
  byId("answer-title").scrollIntoView();
}

const swapped = () => ({
  title: "Another bundle answers now",
  detail: "The bundle was replaced while the profile was taken apart.",
  needed: "answers of one bundle.",
  remedy: "Send the form again.",
});

async function showSample(answers, ranges, lines, asked) {
  const given = answerOf(answers, Number(byId("sample").value));
  const shown = { given, now: given, lines, ranges, drug: asked.drug };
  byId("answer").replaceChildren(answerTable(given));
  byId("notes").replaceChildren(...notesOf(answers));
  const drawWaterfall = waterfall(byId("waterfall"), shown);
  const drawLines = trainingLines(byId("lines"), shown);
  const profile = profileOf(given, ranges, asked);
  showMoves(byId("moving"), { ...shown, profile, start: () => startOf(profile, given),
    onAnswer: (now) => {
      drawWaterfall({ ...shown, now });
      drawLines({ ...shown, now });
    } });
}

// The profile put together from z values has to be answered as the file was.
async function startOf(profile, given) {
  const start = await explainMoved(profile);
  return isSame(given, start) ? start : null;
}

function notesOf({ warnings, reviews, explanations }) {
  const limits = reviews.limits[explanations[0].drug];
  const notes = [...warnings, limits ? `Approved with limits: ${limits}` : null].filter(Boolean);
  return notes.length ? [make("details", {},
    make("summary", {}, `How the file was read, and what to keep in mind (${notes.length})`),
    make("ul", {}, ...notes.map((note) => make("li", {}, note))))] : [];
}
