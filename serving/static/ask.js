// Asking this service, with the key in a header.

import { currentKey } from "./key.js";

export const root = document.body.dataset.root;

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

// Answers with the response; throws a Refusal with what is wrong, as the service says it.
export async function ask(address, { method = "GET", body, accept = "*/*", signal } = {}) {
  const headers = { Accept: accept };
  const key = currentKey();
  if (key) headers.Authorization = `Bearer ${key}`;
  let answer;
  try {
    answer = await fetch(address, { method, body, headers, signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal({
      title: "The service cannot be reached",
      detail: "No answer came.",
      remedy: "See whether the service is running, then try again.",
    });
  }
  if (answer.ok) return answer;
  throw new Refusal(await problemOf(answer));
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
