// The finding that is looked at: at once as far as the list knows it, then as the service says it.

import { Refusal } from "./ask.js";
import { byId, make } from "./dom.js";
import { showProblem } from "./problem.js";
import { findingBody, findingHead } from "./review_finding.js";
import { readFinding } from "./review_writing.js";

const PAUSE_MS = 120; // of whoever moves on, before a finding is read

export class Pane {
  #reading = null; // ends the reading of the one before
  #pause = null;

  // known(id): what the list knows of it; onBegin(id), onShow(id), onRead(finding): as it goes.
  constructor({ known, onBegin, onShow, onRead }) {
    Object.assign(this, { known, onBegin, onShow, onRead, id: null });
  }

  // Whoever holds a key down passes many findings and reads only the last.
  showSoon(id) {
    this.#begin(id);
    this.#pause = setTimeout(() => this.show(id), PAUSE_MS);
  }

  // Answers with the finding, or null where it could not be read.
  async show(id) {
    if (this.id !== id) this.#begin(id);
    clearTimeout(this.#pause);
    this.#reading = new AbortController();
    this.onShow(id);
    try {
      const finding = await readFinding(id, this.#reading.signal);
      this.onRead(finding);
      return finding;
    } catch (error) {
      if (error.name === "AbortError") return null;
      if (!(error instanceof Refusal)) throw error;
      this.#sayWhyNot(id, error.problem);
      return null;
    }
  }

  draw(finding) {
    const hadFocus = document.activeElement?.id === "finding-title";
    byId("finding").replaceChildren(...findingHead(finding), ...findingBody(finding));
    if (hadFocus) byId("finding-title").focus();
  }

  #begin(id) {
    clearTimeout(this.#pause);
    this.#reading?.abort();
    this.id = id;
    this.onBegin(id);
    byId("finding").replaceChildren(...findingHead(this.known(id)),
      make("p", { class: "help" }, "Loading what it rests on…"));
    byId("finding").scrollTop = 0;
  }

  #sayWhyNot(id, problem) {
    const again = make("button", { type: "button", onclick: () => this.show(id) }, "Try again");
    byId("finding").replaceChildren(...findingHead(this.known(id)),
      make("div", { role: "alert" }, showProblem(problem), make("p", {}, again)));
  }
}
