// The filters of the queue, and the address that says them: it can be sent to somebody else.

import { byId, make } from "./dom.js";
import { NOBODY } from "./review_findings.js";

const NAMES = ["search", "kind", "state", "drug", "assignee"];
const USUAL = { search: "", kind: "any", state: "open", drug: "any", assignee: "any" };

export class Filters {
  #form = byId("filters");

  constructor({ me, onChange }) {
    this.me = me;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("input", (event) => {
      if (event.target.name === "mine") this.#takeMine(event.target.checked);
      else this.#showMine();
      this.#write();
      onChange();
    });
  }

  // Offers the names that there are, and takes what the address asks for.
  offer({ drugs, people }) {
    const sorted = (names) => [...names].sort((a, b) =>
      a.localeCompare(b, "en", { sensitivity: "base" }));
    this.#fill("drug", sorted(drugs));
    this.#fill("assignee", sorted(new Set([this.me, ...people])));
  }

  read() {
    const given = new URLSearchParams(location.search);
    for (const name of NAMES) {
      const control = this.#form.elements[name];
      control.value = given.get(name) ?? USUAL[name];
      if (!control.value && name !== "search") control.value = USUAL[name];
    }
    this.#showMine();
    return given.get("finding");
  }

  // What is asked for; null where anything fits.
  get criteria() {
    return Object.fromEntries(NAMES.map((name) => {
      const value = this.#form.elements[name].value;
      return [name, value === "any" || value === "" ? null : value];
    }));
  }

  clear() {
    for (const name of NAMES) this.#form.elements[name].value = name === "state" ? "any" : USUAL[name];
    this.#showMine();
    this.#write();
  }

  toggleMine() {
    const box = this.#form.elements.mine;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Says in the address which finding is open.
  name(finding) {
    const address = new URL(location.href);
    address.searchParams.set("finding", finding);
    history.replaceState(null, "", address);
  }

  #fill(name, values) {
    const control = this.#form.elements[name];
    const chosen = control.value;
    const fixed = [...control.options].filter((one) => ["any", NOBODY].includes(one.value));
    control.replaceChildren(...fixed, ...values.map((value) => make("option", { value }, value)));
    control.value = chosen;
    if (!control.value) control.value = "any";
  }

  #takeMine(isMine) {
    this.#form.elements.assignee.value = isMine ? this.me : "any";
  }

  #showMine() {
    this.#form.elements.mine.checked = this.#form.elements.assignee.value === this.me;
  }

  #write() {
    const address = new URL(location.href);
    for (const name of NAMES) {
      const value = this.#form.elements[name].value;
      if (value === USUAL[name]) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    history.replaceState(null, "", address);
  }
}
