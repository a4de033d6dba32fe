// The review desk: a queue of findings, and beside it the one that is looked at.

import { Refusal } from "./ask.js";
import { byId, make } from "./dom.js";
import { showProblem } from "./problem.js";
import { offerExports } from "./review_export.js";
import { Filters } from "./review_filters.js";
import { Findings } from "./review_findings.js";
import { Judging } from "./review_judging.js";
import { listenToKeys } from "./review_keys.js";
import { Pane } from "./review_pane.js";
import { fillRow, sayCount } from "./review_rows.js";
import { subjectWords } from "./review_words.js";
import { VirtualList } from "./virtual_list.js";

const NEWS_MS = 30_000; // between two looks at whether others wrote

class Desk {
  #sha256 = byId("desk").dataset.bundle;
  #me = byId("desk").dataset.me;
  #findings = new Findings(this.#sha256);
  #shown = []; // places in the queue of the findings that fit the filters
  #filters = new Filters({ me: this.#me, onChange: () => this.#filter() });
  #list = new VirtualList(byId("queue"), {
    fill: (row, place) => fillRow(row, this.#at(place), this.#me),
    onMove: (place) => this.#movedTo(place),
    onOpen: (place, how) => this.#enter(place, how),
  });
  #judging = byId("judging") === null ? null : new Judging({
    me: this.#me,
    isLead: ["lead", "admin"].includes(byId("desk").dataset.role),
    bundle: this.#sha256,
    say,
    onStored: (finding, how) => this.#stored(finding, how),
    onOthers: (finding) => this.#take(finding),
    openAgain: (id) => this.#goBack(id),
  });

  #pane = new Pane({
    known: (id) => this.#findings.at(this.#findings.placeOf(id)),
    onBegin: (id) => this.#judging?.begin(id),
    onShow: (id) => this.#filters.name(id),
    onRead: (finding) => this.#take(finding),
  });

  async start() {
    offerExports(this.#sha256);
    listenToKeys({ list: this.#list, filters: this.#filters, judging: this.#judging, me: this.#me });
    byId("news").addEventListener("click", () => this.#takeNews());
    byId("clear-filters").addEventListener("click", () => {
      this.#filters.clear();
      this.#filter();
      byId("f-search").focus();
    });
    try {
      await this.#findings.look();
    } catch (error) {
      this.#sayWhyNot(error);
      return;
    }
    this.#findings.take();
    this.#sayBundle();
    this.#offer();
    this.#choose(this.#filters.read());
    setInterval(() => this.#lookForNews(), NEWS_MS);
  }

  #sayWhyNot(error) {
    if (!(error instanceof Refusal)) throw error;
    const again = make("button", { type: "button", onclick: () => location.reload() }, "Try again");
    byId("desk-problem").replaceChildren(showProblem(error.problem), make("p", {}, again));
    byId("count").textContent = "The findings could not be read.";
  }

  #sayBundle() {
    const { name, cohort, simulated, sha256 } = this.#findings.bundle;
    byId("about-bundle").replaceChildren(make("strong", {}, `Bundle ${name}`), `, trained on ${cohort}` +
      `${simulated ? " (simulated)" : ""}, SHA-256 `, make("code", {}, sha256.slice(0, 12)));
  }

  #offer() {
    this.#filters.offer(this.#findings);
    const names = new Set([this.#me, ...this.#findings.people].filter(Boolean));
    byId("people")?.replaceChildren(...[...names].map((value) => make("option", { value })));
  }

  // Shows the finding that the address names, or else the first that fits.
  #choose(id) {
    const named = this.#findings.placeOf(id);
    this.#shown = this.#findings.filter(this.#filters.criteria);
    this.#draw(Math.max(0, this.#shown.indexOf(named)));
    if (named !== null) this.#pane.show(id);
    else if (this.#shown.length) this.#pane.show(this.#at(0).id);
  }

  #filter() {
    this.#shown = this.#findings.filter(this.#filters.criteria);
    const kept = this.#shown.indexOf(this.#findings.placeOf(this.#pane.id));
    this.#draw(Math.max(0, kept));
    if (kept < 0 && this.#shown.length) this.#pane.showSoon(this.#at(0).id);
  }

  #draw(active) {
    sayCount(this.#shown.length, this.#findings.count, this.#filters.criteria);
    this.#list.show(this.#shown.length, active);
  }

  #at(place) {
    return this.#findings.at(this.#shown[place]);
  }

  #movedTo(place) {
    this.#judging?.forgetLatest();
    this.#pane.showSoon(this.#at(place).id);
  }

  // Shows what the service says of a finding now.
  #take(finding) {
    this.#findings.update(finding);
    const place = this.#placeOf(finding.id);
    if (place >= 0) this.#list.refresh(place);
    if (finding.id !== this.#pane.id) return;
    this.#pane.draw(finding);
    this.#judging?.show(finding);
  }

  #stored(finding, { goesOn }) {
    this.#findings.version += 1;
    this.#take(finding);
    this.#offer();
    const place = this.#placeOf(finding.id);
    if (!goesOn || finding.id !== this.#pane.id || place < 0) return;
    if (place + 1 < this.#shown.length) {
      const next = this.#at(place + 1);
      this.#list.move(place + 1, { quietly: true });
      this.#pane.show(next.id);
      say(`${byId("said").textContent} Next: ${subjectWords(next.subject)}, ${next.drug}.`);
      if (isStacked()) byId("finding").scrollIntoView({ block: "start" });
    } else say(`${byId("said").textContent} That was the last of this list.`);
  }

  #goBack(id) {
    const place = this.#placeOf(id);
    if (place >= 0) this.#list.move(place, { quietly: true });
    return this.#pane.show(id);
  }

  #placeOf(id) {
    return this.#shown.indexOf(this.#findings.placeOf(id));
  }

  #enter(place, { byMouse = false } = {}) {
    const { id } = this.#at(place);
    if (this.#pane.id !== id) this.#pane.show(id);
    if (!byMouse) byId("finding-title").focus();
    if (isStacked()) byId("finding").scrollIntoView({ block: "start" });
  }

  async #lookForNews() {
    if (document.hidden || !byId("news").hidden) return;
    try {
      byId("news").hidden = !await this.#findings.look();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error; // it is asked again in a while
    }
  }

  async #takeNews() {
    byId("news").hidden = true;
    try {
      if (await this.#findings.look()) this.#findings.take();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      byId("news").hidden = false;
      say(`Not read: ${error.problem.detail}`);
      return;
    }
    this.#offer();
    this.#filter();
    if (this.#pane.id) this.#pane.show(this.#pane.id);
  }
}

function say(words) {
  byId("said").textContent = words;
}

// On a narrow screen the finding stands below the list.
function isStacked() {
  return byId("desk").clientWidth < 1.5 * byId("queue").clientWidth;
}

new Desk().start();
