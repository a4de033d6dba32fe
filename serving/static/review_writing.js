// Writing at the desk: what was stored, what somebody else wrote first, what failed.

import { ask, Refusal, root } from "./ask.js";

export async function readFinding(id, signal) {
  const answer = await ask(`${root}/v1/reviews/findings/${id}`, { signal });
  return answer.json();
}

// Writes an entry ({ verdict, comment, reference } or { assignee }) about a finding as it was read.
// Answers { stored } or { conflict, others }; throws a Refusal for anything else.
export async function write(finding, entry, me) {
  const route = "assignee" in entry ? "assignment" : "entries";
  try {
    const answer = await ask(`${root}/v1/reviews/findings/${finding.id}/${route}`, {
      method: "POST", json: entry, headers: { "If-Match": `"${finding.version}"` },
    });
    return { stored: await answer.json() };
  } catch (error) {
    if (!(error instanceof Refusal) || error.problem.status !== 412) throw error;
    const now = await readFinding(finding.id);
    const others = now.history.filter((one) => one.version > finding.version);
    // An answer that got lost on its way: the first attempt was stored after all.
    if (others.length === 1 && isSame(others[0], entry, me)) return { stored: now };
    return { conflict: now, others };
  }
}

function isSame(one, entry, me) {
  if (one.reviewer !== me) return false;
  if ("assignee" in entry) return one.what === "assignment" && one.assignee === entry.assignee;
  return one.verdict === entry.verdict && one.comment === entry.comment.trim();
}
