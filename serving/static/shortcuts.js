// Single keys as shortcuts: never while somebody types, and they can be turned off.

const NAME = "cupromark-shortcuts";
const TYPED_INTO = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

export function areShortcutsOn() {
  try {
    return localStorage.getItem(NAME) !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}

export function turnShortcuts(isOn) {
  try {
    if (isOn) localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, "off");
  } catch {
    // It holds as long as the page.
  }
}

// keys: { j: () => ..., "?": () => ... }
export function onShortcuts(keys, { isOn = areShortcutsOn } = {}) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.defaultPrevented || event.target.closest(TYPED_INTO)) return;
    if (document.querySelector("dialog[open]") || !isOn()) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!act) return;
    event.preventDefault();
    act();
  });
}
