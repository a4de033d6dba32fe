// Moving genes: a slider a gene, and the answer that follows.

import { Refusal } from "./ask.js";
import { make } from "./dom.js";
import { showProblem } from "./problem.js";
import { answerTable, changeWords } from "./what_if_answer.js";
import { geneRow } from "./what_if_gene.js";
import { movesLog } from "./what_if_log.js";
import { attributionOf, explainMoved } from "./what_if_profile.js";

const SHOWN = 8;
const PAUSE_MS = 300; // after the last movement, before the service is asked

// `start()` gives the answer that moves start from, null where a profile cannot be put together.
export async function showMoves(place, context) {
  const { given, profile, start } = context;
  place.replaceChildren(make("p", { class: "help", role: "status" }, "Putting the profile together…"));
  const waiting = place.firstChild;
  try {
    const answer = await start();
    if (!waiting.isConnected) return; // another sample was chosen meanwhile
    if (answer) new Moves(place, { ...context, given: answer });
    else place.replaceChildren(make("p", { class: "notice" }, "Genes of this profile cannot be " +
      "moved: the classifier reads genes outside the panel (or ranks of all genes), which are not " +
      "part of an answer. The rest of this page holds."));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (!waiting.isConnected) return;
    place.replaceChildren(showProblem(error.problem), make("button", { type: "button",
      onclick: () => showMoves(place, { ...context, given, profile }) }, "Try again"));
  }
}

class Moves {
  constructor(place, context) {
    Object.assign(this, context);
    this.original = new Map(this.profile.values);
    this.rows = new Map();
    this.waits = null;
    this.asking = null;
    this.list = make("ul", { class: "gene-moves" });
    this.said = make("p", { class: "said", role: "status" }, "Nothing is moved yet.");
    this.shown = make("div", {}, answerTable(this.given, this.given));
    this.failed = make("div", { role: "alert" });
    this.box = make("div", { class: "moves-now" }, make("h3", {}, "Answer now"), this.shown,
      make("p", {}, make("button", { type: "button", onclick: () => this.reset() }, "Reset all genes")),
      this.failed);
    this.log = movesLog(this.given);
    place.replaceChildren(
      make("p", { class: "help" }, "The weightiest genes of this answer. A slider spans the range " +
        "of the training lines, on their scale (log2); the number beside it takes values beyond, " +
        "which are marked. The model moves, not biology."),
      make("div", { class: "moves-grid" },
        make("div", {}, this.list, this.chooser()), this.box),
      this.said, this.log.place);
    for (const gene of this.weightiest()) this.add(gene);
  }

  weightiest() {
    const known = new Set(this.ranges.genes.map((one) => one.gene));
    return this.given.explanation.genes.map((one) => one.name)
      .filter((name) => known.has(name)).slice(0, SHOWN);
  }

  chooser() {
    const rest = make("select", { id: "another-gene" },
      ...this.ranges.genes.map(({ gene }) => make("option", { value: gene }, gene)));
    const add = make("button", { type: "button", onclick: () => {
      if (!this.rows.has(rest.value)) this.add(rest.value);
      this.rows.get(rest.value).focus();
    } }, "Show this gene");
    return make("div", { class: "more-moves" }, make("p", { class: "field" },
      make("label", { for: "another-gene" }, "Another gene"), rest), add);
  }

  add(gene) {
    const range = this.ranges.genes.find((one) => one.gene === gene);
    const line = this.lines.drivers?.genes.find((one) => one.name === gene);
    const row = geneRow({ ...range, given: this.original.get(gene) ?? null, z: line?.z ?? null },
      (value) => this.move(gene, value));
    row.say(attributionOf(this.given, gene), attributionOf(this.given, gene));
    this.rows.set(gene, row);
    this.list.append(row.item);
  }

  // `value` null: as given, which for a missing gene is not to name it.
  move(gene, value) {
    const kept = value ?? this.original.get(gene);
    if (kept === undefined) this.profile.values.delete(gene);
    else this.profile.values.set(gene, kept);
    this.later();
  }

  reset() {
    this.profile.values = new Map(this.original);
    for (const row of this.rows.values()) row.putBack();
    this.later();
  }

  later() {
    clearTimeout(this.waits);
    this.waits = setTimeout(() => this.answer(), PAUSE_MS);
  }

  async answer() {
    this.asking?.abort();
    const mine = this.asking = new AbortController();
    this.box.classList.add("busy");
    this.failed.replaceChildren();
    const values = new Map(this.profile.values);
    try {
      const now = await explainMoved(this.profile, mine.signal);
      if (now.bundle.sha256 !== this.given.bundle.sha256) throw new Refusal(swapped());
      if (this.box.isConnected) this.show(now, values);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Refusal)) throw error;
      this.said.textContent = "The answer above is that of before the last move.";
      this.failed.replaceChildren(showProblem(error.problem), make("button", { type: "button",
        onclick: () => this.answer() }, "Try again"));
    } finally {
      if (this.asking === mine) this.box.classList.remove("busy");
    }
  }

  show(now, values) {
    this.shown.replaceChildren(answerTable(this.given, now));
    this.said.textContent = changeWords(this.given, now);
    for (const [gene, row] of this.rows) {
      row.say(attributionOf(this.given, gene), attributionOf(now, gene));
    }
    this.log.note(now, values, this.original, this.ranges);
    this.onAnswer(now);
  }
}

const swapped = () => ({
  title: "Another bundle answers now",
  detail: "The bundle was replaced since the profile was taken apart.",
  needed: "answers of one bundle.",
  remedy: "Send the form above again.",
});
