// Judging, assigning and taking back: each is one more entry, written on the version that was read.

import { Refusal } from "./ask.js";
import { byId } from "./dom.js";
import { conflictBox, failureBox } from "./review_conflict.js";
import { Drafts } from "./review_drafts.js";
import { standing } from "./review_history.js";
import { STATES, subjectWords } from "./review_words.js";
import { write } from "./review_writing.js";

export class Judging {
  #form = byId("judging");
  #id = null; // of the finding that is shown
  #finding = null; // as the service gave it, with its history; null until then
  #busy = false;
  #drafts;
  #latest = null; // { id, version } of my judgement that `u` takes back from the next finding

  // onStored(finding, { goesOn }): an entry of mine; onOthers(finding): theirs, which I had not seen;
  // openAgain(id) shows a finding and answers with it.
  constructor({ me, isLead, bundle, say, onStored, onOthers, openAgain }) {
    Object.assign(this, { me, isLead, say, onStored, onOthers, openAgain });
    this.#drafts = new Drafts(bundle);
    for (const button of this.#form.querySelectorAll("[data-verdict]")) {
      button.addEventListener("click", () => this.judge(button.dataset.verdict));
    }
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    for (const name of ["comment", "reference"]) {
      byId(name).addEventListener("input", () => this.#keepDraft());
    }
    byId("assign").addEventListener("click", () => this.assign(byId("assignee").value.trim()));
    byId("assign-me").addEventListener("click", () => this.assign(this.me));
    byId("undo").addEventListener("click", () => this.undo({ ofOthers: this.isLead }));
  }

  // Takes what is typed for a finding that is still being read.
  begin(id) {
    this.#id = id;
    this.#finding = null;
    this.#form.hidden = false;
    this.#clear();
    const draft = this.#drafts.of(id);
    byId("comment").value = draft.comment;
    byId("reference").value = draft.reference;
    byId("assignee").value = "";
  }

  // From here on the finding can be judged.
  show(finding) {
    if (finding.id !== this.#id) this.begin(finding.id);
    this.#finding = finding;
    this.#offerUndo(finding);
    byId("assign-me").disabled = finding.assignee === this.me;
  }

  // A lead takes others' judgements back too, but by the button alone: a key is pressed too soon.
  #offerUndo(finding) {
    const other = this.#latest === null && this.isLead && !this.#isMine(finding)
      ? standing(finding.history)?.reviewer : undefined;
    byId("undo").disabled = this.#latest === null && !this.#isMine(finding) && !other;
    byId("undo-words").textContent = other ? `Take the judgement of ${other} back` : "Take back";
    byId("undo-key").hidden = Boolean(other);
  }

  // Whoever moves on by themselves means what they look at, not what they left.
  forgetLatest() {
    this.#latest = null;
  }

  async judge(verdict) {
    if (!this.#isReady()) return;
    await this.#write(this.#finding, { verdict, ...this.#typed() });
  }

  async assign(assignee) {
    if (!this.#isReady()) return;
    if (!assignee && this.#finding.assignee === null) byId("assignee").focus();
    else await this.#write(this.#finding, { assignee: assignee || null });
  }

  async undo({ ofOthers = false } = {}) {
    const latest = this.#latest;
    const entry = { verdict: "withdrawn", comment: "", reference: null };
    if (latest !== null) {
      this.#latest = null;
      const finding = await this.openAgain(latest.id);
      if (finding) await this.#write({ ...finding, version: latest.version }, entry);
    } else if (this.#isReady() && (ofOthers || this.#isMine(this.#finding))) {
      await this.#write(this.#finding, entry);
    } else if (this.#finding) this.say("There is no judgement of yours to take back here.");
  }

  #isReady() {
    if (this.#finding !== null && !this.#busy) return true;
    this.say(this.#busy ? "Still storing…" : "The finding is still loading.");
    return false;
  }

  #isMine(finding) {
    return standing(finding.history)?.reviewer === this.me;
  }

  #typed() {
    return { comment: byId("comment").value, reference: byId("reference").value.trim() || null };
  }

  #keepDraft() {
    this.#drafts.put(this.#id,
      { comment: byId("comment").value, reference: byId("reference").value });
  }

  async #write(finding, entry) {
    this.#setBusy(true);
    this.#clear();
    try {
      const { stored, conflict, others } = await write(finding, entry, this.me);
      if (stored) {
        this.#stored(stored, entry);
        return;
      }
      await this.#leadBack(finding);
      this.#showConflict(conflict, others, entry);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await this.#leadBack(finding);
      this.#showFailure(error.problem, finding, entry);
    } finally {
      this.#setBusy(false);
    }
  }

  // What was not stored is told where it was typed, even if somebody went on meanwhile.
  async #leadBack(finding) {
    if (this.#id !== finding.id) await this.openAgain(finding.id);
  }

  #stored(finding, entry) {
    const isJudgement = "verdict" in entry && entry.verdict !== "withdrawn";
    if (isJudgement) {
      this.#drafts.drop(finding.id);
      this.#latest = { id: finding.id, version: finding.version };
      if (this.#id === finding.id) byId("comment").value = byId("reference").value = "";
    }
    byId("assignee").value = "";
    this.say(said(finding, entry));
    this.onStored(finding, { goesOn: isJudgement });
  }

  #showConflict(now, others, entry) {
    const place = byId("conflict");
    const end = () => {
      this.#clear();
      this.onOthers(now);
    };
    byId("judging-fields").hidden = true;
    place.replaceChildren(conflictBox(others, entry, {
      onKeep: () => {
        end();
        byId("comment").focus();
        this.say("Theirs stands. What you typed is still there; nothing of yours was stored.");
      },
      onSave: () => {
        end();
        this.#write(now, entry);
      },
    }));
    place.focus();
    this.say("Not stored: somebody else wrote first.");
  }

  #showFailure(problem, finding, entry) {
    const wrong = (problem.errors ?? []).find((one) => one.pointer === "/reference");
    if (wrong) {
      byId("reference-wrong").textContent = `The reference ${wrong.message.replace(/^Value error, /, "")}.`;
      byId("reference").setAttribute("aria-invalid", "true");
      byId("reference").focus();
      return;
    }
    byId("judging-problem").replaceChildren(failureBox(problem, {
      onAgain: () => this.#write(finding, { ...entry, ...this.#retyped(entry) }),
    }));
  }

  // What stands in the fields by then, where they belong to the same finding.
  #retyped(entry) {
    return "comment" in entry && entry.verdict !== "withdrawn" ? this.#typed() : {};
  }

  #clear() {
    this.#rescueFocus();
    byId("judging-problem").replaceChildren();
    byId("conflict").replaceChildren();
    byId("judging-fields").hidden = false;
    byId("reference-wrong").textContent = "";
    byId("reference").removeAttribute("aria-invalid");
  }

  // What held the focus is about to go: the next finding is a key away from the list.
  #rescueFocus() {
    const { activeElement } = document;
    const goes = ["judging-problem", "conflict"].some((id) => byId(id).contains(activeElement));
    if (goes) byId("queue").focus({ preventScroll: true });
  }

  #setBusy(isBusy) {
    this.#busy = isBusy;
    this.#form.setAttribute("aria-busy", String(isBusy));
  }
}

function said(finding, entry) {
  if ("assignee" in entry) return `${subjectWords(finding.subject)} is assigned to ${entry.assignee ?? "nobody"}.`;
  if (entry.verdict === "withdrawn") return `${subjectWords(finding.subject)}: taken back, as a new entry.`;
  return `${subjectWords(finding.subject)} judged ${STATES[entry.verdict]}. u takes it back.`;
}
