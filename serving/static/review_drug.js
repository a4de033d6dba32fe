// Signing a drug off, on the figures that the page shows.

import { ask, Refusal, root } from "./ask.js";
import { byId, make } from "./dom.js";
import { failureBox } from "./review_conflict.js";
import { Drafts } from "./review_drafts.js";
import { DECISIONS, moment } from "./review_words.js";

const FIELDS = { limits: "limits", comment: "decision-comment" };

class SignOff {
  #form = byId("sign-off-form");
  #facts = { ...byId("sign-off").dataset };
  #drafts = new Drafts(`sign-off-${this.#facts.bundle}`);

  start() {
    this.#form.addEventListener("change", () => this.#showFields());
    this.#form.addEventListener("input", () => this.#keepDraft());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const decision = this.#read();
      if (decision) this.#send(decision);
    });
    const draft = this.#drafts.of(this.#facts.drug);
    for (const [name, id] of Object.entries(FIELDS)) byId(id).value = draft[name] ?? "";
    if (draft.decision) this.#form.elements.decision.value = draft.decision;
    this.#showFields();
  }

  #showFields() {
    const { value } = this.#form.elements.decision;
    byId("limits-field").hidden = value !== "approve_with_limits";
    byId("comment-needed").hidden = value !== "reject";
  }

  #keepDraft() {
    this.#drafts.put(this.#facts.drug, { ...this.#typed(), decision: this.#chosen });
  }

  get #chosen() {
    return this.#form.elements.decision.value;
  }

  #typed() {
    return { limits: byId("limits").value, comment: byId("decision-comment").value };
  }

  // What is decided; null where something is missing, which is then said beside its place.
  #read() {
    const { limits, comment } = this.#typed();
    const decision = this.#chosen;
    const isLimited = decision === "approve_with_limits";
    const missing = [
      say("decision", decision ? "" : "Choose what you decide.", byId("d-approve")),
      say("limits", isLimited && !limits.trim() ? "Say the limits." : "", byId("limits")),
      say("decision-comment", decision === "reject" && !comment.trim()
        ? "Say why it is rejected." : "", byId("decision-comment")),
    ].filter(Boolean);
    if (missing.length) {
      missing[0].focus();
      return null;
    }
    return {
      bundle_sha256: this.#facts.bundle, drug: this.#facts.drug, decision,
      limits: isLimited ? limits : "", comment, figures_sha256: this.#facts.figures,
    };
  }

  async #send(decision) {
    byId("sign-off-problem").replaceChildren();
    byId("sign-off-conflict").replaceChildren();
    byId("sign-off-said").textContent = "Storing…";
    byId("decide").disabled = true;
    try {
      await ask(`${root}/v1/reviews/sign-offs`, {
        method: "POST", json: decision, headers: { "If-Match": `"${this.#facts.version}"` },
      });
      await this.#stored(decision);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      byId("sign-off-said").textContent = "";
      if (error.problem.status === 412) await this.#showConflict(error.problem, decision);
      else this.#showFailure(error.problem, decision);
    } finally {
      byId("decide").disabled = false;
    }
  }

  async #stored({ decision }) {
    this.#drafts.drop(this.#facts.drug);
    this.#form.reset();
    this.#showFields();
    const stored = `Stored: ${this.#facts.drug} ${DECISIONS[decision]} by you.`;
    byId("sign-off-said").textContent = `${stored} The page above shows where it stands.`;
    if (await this.#refresh()) {
      byId("sign-off-said").textContent =
        `${stored} Where it stands cannot be shown now: load the page again in a moment.`;
    } else byId("decisions-title").focus();
  }

  // Takes the upper part of the page anew, as the service writes it now; answers with the problem
  // where it cannot be had, and with null where it was.
  async #refresh() {
    try {
      const answer = await ask(location.pathname, { accept: "text/html" });
      const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = fetched.getElementById("sign-off");
      if (!fresh) {
        return { status: 401, title: "Logged out", detail: "You are not logged in any more." };
      }
      byId("sign-off").replaceWith(fresh);
      this.#facts = { ...fresh.dataset };
      return null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error.problem;
    }
  }

  async #showConflict({ standing }, decision) {
    const place = byId("sign-off-conflict");
    const problem = await this.#refresh();
    if (problem) {
      this.#showFailure(problem, decision);
      return;
    }
    const keep = () => {
      place.replaceChildren();
      byId("sign-off-said").textContent = "Nothing of yours was stored; what you typed is kept.";
    };
    place.replaceChildren(make("div", { class: "conflict" },
      make("h3", {}, `${standing.reviewer ?? "Somebody else"} decided while you read it`),
      make("p", {}, "Nothing of yours is stored yet, and nothing you typed is lost."),
      make("div", { class: "columns two" },
        make("section", {}, make("h4", {}, "Theirs, stored"), ...deed(standing)),
        make("section", {}, make("h4", {}, "Yours, not stored"), ...deed(decision))),
      make("p", { class: "actions" },
        make("button", { type: "button", onclick: keep }, "Keep theirs"),
        make("button", { type: "button", class: "main",
          onclick: () => this.#send({ ...decision, figures_sha256: this.#facts.figures }) },
        "Save mine as a new decision"))));
    place.focus();
  }

  #showFailure(problem, decision) {
    byId("sign-off-problem").replaceChildren(failureBox(problem, {
      onAgain: () => this.#send(this.#read() ?? decision),
    }));
  }
}

function deed({ decision, limits, comment, at }) {
  return [make("p", {}, make("strong", {}, DECISIONS[decision] ?? "other figures"), " ",
    at ? moment(at) : null),
  limits ? make("p", { class: "written" }, `Limits: ${limits}`) : null,
  comment ? make("p", { class: "written" }, comment) : null].filter(Boolean);
}

function say(part, words, place) {
  byId(`${part}-wrong`).textContent = words;
  if (!words) {
    place.removeAttribute("aria-invalid");
    return null;
  }
  place.setAttribute("aria-invalid", "true");
  return place;
}

if (byId("sign-off-form") !== null) new SignOff().start();
