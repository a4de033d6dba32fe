// A job as it goes: events of the service move the bar and add lines; what else changed is fetched
// as the service draws it.

import { ask, Refusal, root } from "./ask.js";
import { byId } from "./dom.js";
import { offerActions } from "./job_actions.js";
import { followLog } from "./job_log.js";

const job = byId("job");
const address = `${root}/v1/jobs/${job.dataset.job}`;
const addLine = followLog(byId("job-log"), byId("log-end"));
const DRAWN = ["job-standing", "job-actions", "job-result", "job-facts"];
const REST_MS = 400; // several changes in a row are drawn once
let last = Number(job.dataset.last);
let drawing = null;

offerActions(job, address, watch);
if (!("over" in job.dataset)) watch();

function watch() {
  delete job.dataset.over;
  say("Connecting…");
  const events = new EventSource(`${address}/events?after=${last}`);
  events.addEventListener("open", () => say("Live: this page follows the job."));
  events.addEventListener("error", () => {
    // Closed: the service refused, for instance because the login is over.
    if (events.readyState === EventSource.CLOSED) explain();
    else say("The connection is lost. Trying again…");
  });
  events.addEventListener("away", () => say("The database of jobs does not answer. Waiting for it…"));
  events.addEventListener("state", (event) => {
    say("Live: this page follows the job.");
    move(JSON.parse(event.data));
    drawSoon();
  });
  events.addEventListener("progress", (event) => {
    say("Live: this page follows the job.");
    move(JSON.parse(event.data));
  });
  events.addEventListener("log", (event) => {
    const line = JSON.parse(event.data);
    if (line.number <= last) return;
    last = line.number;
    addLine(line);
  });
  events.addEventListener("end", () => {
    events.close();
    job.dataset.over = "";
    say("The job has ended.");
    draw();
  });
  window.addEventListener("pagehide", () => events.close(), { once: true });
}

function move({ percent, seconds_left: left, state }) {
  byId("job-standing").querySelector("progress").value = percent;
  byId("job-percent").textContent = `${Math.round(percent)}%`;
  if (!state || state === "running" || state === "waiting") {
    byId("job-left").textContent = left === null ? "" : `${lengthOf(left)} left`;
  }
}

function lengthOf(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

function drawSoon() {
  drawing ??= setTimeout(draw, REST_MS);
}

async function draw() {
  clearTimeout(drawing);
  drawing = null;
  try {
    const answer = await ask(location.pathname, { accept: "text/html" });
    const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of DRAWN) redraw(byId(id), fetched.getElementById(id));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

function redraw(old, fresh) {
  if (!old || !fresh || old.isEqualNode(fresh)) return;
  const action = old.contains(document.activeElement) && document.activeElement.dataset.action;
  old.replaceChildren(...fresh.childNodes);
  if (!action) return;
  const again = old.querySelector(`[data-action="${action}"]:not([hidden])`);
  (again ?? byId("main")).focus({ preventScroll: true });
}

async function explain() {
  try {
    await ask(address);
    say("The connection is lost. Load the page again to follow the job.");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(`The job cannot be followed: ${error.problem.detail}`);
  }
}

function say(words) {
  if (byId("job-link").textContent !== words) byId("job-link").textContent = words;
}
