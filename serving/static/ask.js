// Asking this service. The browser adds the cookie of the login; what changes something shows the
// token of the page beside it.

export const root = document.body.dataset.root;
const READING = ["GET", "HEAD"];

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

// Answers with the response; throws a Refusal with what is wrong, as the service says it.
// `json` is sent as JSON; `body` as it is.
export async function ask(address, options = {}) {
  const answer = await send(address, options);
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  // Whoever logged in again in another tab has a new token; this page keeps what was typed.
  if (problem.type === "/problems/cross-site" && await renewToken()) {
    const again = await send(address, options);
    if (again.ok) return again;
    throw new Refusal(await problemOf(again));
  }
  throw new Refusal(problem);
}

async function send(address, options) {
  const { method = "GET", json, accept = "*/*", signal, headers: further = {} } = options;
  const headers = { Accept: accept, ...further };
  const token = READING.includes(method) ? "" : tokenOfPage()?.content;
  if (token) headers["X-CSRF-Token"] = token;
  let { body } = options;
  if (json !== undefined) {
    body = JSON.stringify(json);
    headers["Content-Type"] = "application/json";
  }
  try {
    return await fetch(address, { method, body, headers, signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal({
      title: "The service cannot be reached",
      detail: "No answer came.",
      remedy: "See whether the service is running, then try again.",
    });
  }
}

function tokenOfPage() {
  return document.querySelector("meta[name=csrf-token]");
}

// Takes the token of the login that holds now, where it is the same person's as before.
async function renewToken() {
  const place = tokenOfPage();
  if (!place) return false;
  const answer = await send(`${root}/v1/session`, { accept: "application/json" });
  if (!answer.ok) return false;
  const session = await answer.json();
  if (!session.csrf_token || session.name !== place.dataset.name) return false;
  place.content = session.csrf_token;
  return true;
}

async function problemOf(answer) {
  try {
    const problem = await answer.json();
    if (problem.title) return problem;
  } catch {
    // Not in the form of the service: something in between answered.
  }
  return {
    title: "The service could not answer",
    status: answer.status,
    detail: `It answered with status ${answer.status}.`,
    remedy: "Try again in a moment.",
  };
}
