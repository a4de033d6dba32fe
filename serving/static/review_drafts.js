// What somebody types stays until it is stored, through failures, reloads and logging in again.

export class Drafts {
  #name;
  #held;

  constructor(name) {
    this.#name = `cupromark-draft-${name}`;
    this.#held = this.#read();
  }

  of(id) {
    return this.#held[id] ?? { comment: "", reference: "" };
  }

  put(id, draft) {
    if (Object.values(draft).some(Boolean)) this.#held[id] = draft;
    else delete this.#held[id];
    this.#write();
  }

  drop(id) {
    delete this.#held[id];
    this.#write();
  }

  #read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#name)) ?? {};
    } catch {
      return {}; // a browser that keeps nothing, or something else under this name
    }
  }

  #write() {
    try {
      if (Object.keys(this.#held).length) {
        sessionStorage.setItem(this.#name, JSON.stringify(this.#held));
      } else sessionStorage.removeItem(this.#name);
    } catch {
      // It is held as long as the page.
    }
  }
}
