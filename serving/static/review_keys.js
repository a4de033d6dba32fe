// The desk by keyboard: single keys, the dialog that lists them, and the switch that ends them.

import { byId } from "./dom.js";
import { areShortcutsOn, onShortcuts, turnShortcuts } from "./shortcuts.js";

export function listenToKeys({ list, filters, judging, me }) {
  const showKeys = () => byId("keys").showModal();
  byId("show-keys").addEventListener("click", showKeys);
  byId("keys-on").checked = areShortcutsOn();
  byId("keys-on").addEventListener("change", () => turnShortcuts(byId("keys-on").checked));
  for (const field of document.querySelectorAll("#judging textarea, #judging input, #f-search")) {
    field.addEventListener("keydown", (event) => event.key === "Escape" && list.focus());
  }
  const judge = (verdict) => () => judging?.judge(verdict);
  onShortcuts({
    j: () => list.step(1),
    k: () => list.step(-1),
    1: judge("plausible"),
    2: judge("implausible"),
    3: judge("unsure"),
    4: judge("needs_experiment"),
    u: () => judging?.undo(),
    a: () => judging?.assign(me),
    c: () => byId("comment")?.focus(),
    m: () => me && filters.toggleMine(),
    "/": () => byId("f-search").focus(),
    "?": showKeys,
  });
}
