// A list of any length, of which only what is in view is on the page.

import { make } from "./dom.js";

const MARGIN = 8; // rows kept above and below what is in view

export class VirtualList {
  #list;
  #rowsOf;
  #fill;
  #rows = new Map(); // place in the list -> element
  #count = 0;
  #height = 0;
  #active = null;
  #drawing = false;

  // list: an element with the role listbox; fill(element, place) writes a row.
  constructor(list, { fill, onMove, onOpen }) {
    this.#list = list;
    this.#fill = fill;
    this.onMove = onMove;
    this.onOpen = onOpen;
    this.#rowsOf = make("div", { role: "presentation", class: "queue-rows" });
    list.append(this.#rowsOf);
    list.addEventListener("scroll", () => this.#drawSoon());
    list.addEventListener("keydown", (event) => this.#act(event));
    list.addEventListener("click", (event) => this.#click(event));
    new ResizeObserver(() => this.#measure()).observe(list);
  }

  get active() {
    return this.#active;
  }

  get count() {
    return this.#count;
  }

  // Shows so many rows; the active one is given by the caller, or none.
  show(count, active) {
    this.#count = count;
    this.#active = count ? active : null;
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    this.#measure();
    if (this.#active !== null) this.#reveal();
    else this.#list.scrollTop = 0;
    this.#draw();
  }

  // Writes a row anew.
  refresh(place) {
    const row = this.#rows.get(place);
    if (row) this.#fill(row, place);
  }

  // quietly: without telling that somebody moved.
  move(place, { quietly = false } = {}) {
    if (!this.#count) return;
    const within = Math.max(0, Math.min(this.#count - 1, place));
    const moved = within !== this.#active;
    this.#mark(this.#active, false);
    this.#active = within;
    this.#reveal();
    this.#draw();
    this.#mark(within, true);
    if (moved && !quietly) this.onMove(within);
  }

  step(by) {
    this.move(this.#active === null ? 0 : this.#active + by);
  }

  focus() {
    this.#list.focus({ preventScroll: true });
  }

  #act(event) {
    const page = Math.max(1, Math.floor(this.#list.clientHeight / this.#height) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page,
      Home: -this.#count, End: this.#count };
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in steps) {
      event.preventDefault();
      this.step(steps[event.key]);
    } else if (event.key === "Enter" && this.#active !== null) {
      event.preventDefault();
      this.onOpen(this.#active);
    }
  }

  #click(event) {
    const row = event.target.closest("[role=option]");
    if (!row) return;
    this.move(Number(row.dataset.place));
    this.onOpen(this.#active, { byMouse: true });
  }

  #measure() {
    const probe = make("div", { class: "queue-row", "aria-hidden": "true" });
    this.#rowsOf.append(probe);
    const height = probe.offsetHeight;
    probe.remove();
    if (height) this.#height = height;
    this.#rowsOf.style.height = `${this.#count * this.#height}px`;
    for (const [place, row] of this.#rows) row.style.top = `${place * this.#height}px`;
    this.#drawSoon();
  }

  #reveal() {
    const top = this.#active * this.#height;
    const { scrollTop, clientHeight } = this.#list;
    if (top < scrollTop) this.#list.scrollTop = top;
    else if (top + this.#height > scrollTop + clientHeight) {
      this.#list.scrollTop = top + this.#height - clientHeight;
    }
  }

  #drawSoon() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  #draw() {
    if (!this.#height) return;
    const { scrollTop, clientHeight } = this.#list;
    const first = Math.max(0, Math.floor(scrollTop / this.#height) - MARGIN);
    const last = Math.min(this.#count - 1,
      Math.ceil((scrollTop + clientHeight) / this.#height) + MARGIN);
    const isShown = (place) => (place >= first && place <= last) || place === this.#active;
    for (const [place, row] of this.#rows) {
      if (isShown(place)) continue;
      row.remove();
      this.#rows.delete(place);
    }
    for (let place = first; place <= last; place += 1) this.#draw1(place);
    if (this.#active !== null) this.#draw1(this.#active);
    if (this.#active === null) this.#list.removeAttribute("aria-activedescendant");
    else this.#list.setAttribute("aria-activedescendant", `row-${this.#active}`);
  }

  #draw1(place) {
    if (this.#rows.has(place)) return;
    const row = make("div", {
      role: "option", id: `row-${place}`, class: "queue-row", "data-place": place,
      "aria-setsize": this.#count, "aria-posinset": place + 1,
      "aria-selected": place === this.#active ? "true" : "false",
    });
    row.style.top = `${place * this.#height}px`;
    this.#fill(row, place);
    this.#rows.set(place, row);
    // In the order of the list, as whoever walks through the page hears it.
    const next = [...this.#rows.keys()].filter((other) => other > place);
    const before = next.length ? this.#rows.get(Math.min(...next)) : null;
    this.#rowsOf.insertBefore(row, before);
  }

  #mark(place, isActive) {
    this.#rows.get(place)?.setAttribute("aria-selected", isActive ? "true" : "false");
  }
}
