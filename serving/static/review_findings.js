// All findings of a bundle, held by the page: tens of thousands are filtered in milliseconds.

import { ask, root } from "./ask.js";

export const NOBODY = "nobody";

export class Findings {
  #sha256;
  #given = null; // by the service, the last time it was asked
  #columns = null;
  #searched = [];
  #places = new Map(); // id -> place in the queue

  constructor(sha256) {
    this.#sha256 = sha256;
    this.version = null;
  }

  // Asks what the queue is now; answers whether there is more to `take` than is held.
  async look() {
    const seen = this.version === null ? "" : `?seen=${this.version}`;
    const answer = await ask(`${root}/reviews/queue/${this.#sha256}${seen}`);
    this.#given = await answer.json();
    return this.#given.findings !== null;
  }

  take() {
    const { findings, kinds, states, drugs, people, bundle, version } = this.#given;
    Object.assign(this, { bundle, version, kinds, states, drugs, people });
    this.#columns = findings;
    this.#places = new Map(findings.id.map((id, place) => [id, place]));
    this.#searched = findings.id.map((_, place) =>
      `${drugs[findings.drug[place]]}\n${findings.subject[place]}\n${findings.summary[place]}`
        .toLowerCase());
  }

  get count() {
    return this.#columns?.id.length ?? 0;
  }

  at(place) {
    const columns = this.#columns;
    const person = columns.assignee[place];
    return {
      id: columns.id[place],
      drug: this.drugs[columns.drug[place]],
      kind: this.kinds[columns.kind[place]],
      state: this.states[columns.state[place]],
      subject: columns.subject[place],
      summary: columns.summary[place],
      assignee: person === null ? null : this.people[person],
    };
  }

  placeOf(id) {
    return this.#places.get(id) ?? null;
  }

  // Takes what the service says of a finding now.
  update({ id, state, assignee }) {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#columns.state[place] = this.states.indexOf(state);
    this.#columns.assignee[place] = assignee === null ? null : this.#personOf(assignee);
  }

  // Places of the findings that fit, in the order of the queue.
  filter({ search, kind, state, drug, assignee }) {
    const columns = this.#columns;
    const words = (search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = [
      [columns.kind, this.kinds.indexOf(kind), kind],
      [columns.state, this.states.indexOf(state), state],
      [columns.drug, this.drugs.indexOf(drug), drug],
      [columns.assignee, assignee === NOBODY ? null : this.people.indexOf(assignee), assignee],
    ].filter(([, , asked]) => asked);
    const fitting = [];
    for (let place = 0; place < this.count; place += 1) {
      if (wanted.every(([column, value]) => column[place] === value) &&
          words.every((word) => this.#searched[place].includes(word))) fitting.push(place);
    }
    return fitting;
  }

  #personOf(name) {
    if (!this.people.includes(name)) this.people.push(name);
    return this.people.indexOf(name);
  }
}
