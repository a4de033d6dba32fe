// A page that needs a key is fetched again with it, and its content put in place.

import { ask, Refusal } from "./ask.js";
import { byId } from "./dom.js";
import { currentKey, forgetKey, useKey } from "./key.js";
import { showProblem } from "./problem.js";

// Calls `enhance` once the content of the page is there.
export async function whenOpen(enhance) {
  offerToForget();
  const main = byId("main");
  if (!main.hasAttribute("data-locked")) {
    enhance();
    return;
  }
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    useKey(byId("key").value.trim(), { keep: byId("keep-key").checked });
    open(enhance, { focus: true });
  });
  byId("open-page").disabled = false;
  if (currentKey()) await open(enhance, { focus: false });
}

async function open(enhance, { focus }) {
  const said = byId("key-problem");
  said.replaceChildren("Opening…");
  try {
    const answer = await ask(location.pathname, { accept: "text/html" });
    const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = fetched.getElementById("main");
    if (main.hasAttribute("data-locked")) {
      forgetKey();
      said.replaceChildren(...fetched.getElementById("key-problem").childNodes);
      return;
    }
    document.title = fetched.title;
    byId("main").replaceWith(main);
    if (focus) main.focus(); // the form that had it is gone
    offerToForget();
    enhance();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    said.replaceChildren(showProblem(error.problem));
  }
}

function offerToForget() {
  const button = byId("forget-key");
  button.hidden = !currentKey();
  button.onclick = () => {
    forgetKey();
    location.reload();
  };
}
