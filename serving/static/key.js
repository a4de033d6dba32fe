// The API key: held by this page; kept for the tab only where the user asked for it.

const NAME = "cupromark-key";
let held = null;

export function currentKey() {
  return held ?? stored();
}

export function useKey(key, { keep }) {
  held = key;
  try {
    if (keep) sessionStorage.setItem(NAME, key);
    else sessionStorage.removeItem(NAME);
  } catch {
    // A browser that keeps nothing: the key lasts as long as the page.
  }
}

export function forgetKey() {
  held = null;
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // There was nothing to forget.
  }
}

function stored() {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    return null;
  }
}
