// Where the profiles come from: a file that is chosen or dropped, a pasted table, or the example.

import { ask, Refusal, root } from "./ask.js";
import { byId } from "./dom.js";
import { showProblem } from "./problem.js";

export function takeProfiles(form) {
  let other = null; // a dropped file or the example; a file that is chosen lies in its input

  function use(file, words) {
    other = file;
    if (file) byId("file").value = "";
    byId("file-state").textContent = words ?? described(file);
    byId("profiles-wrong").textContent = "";
  }

  async function useExample() {
    byId("file-state").textContent = "Fetching the example…";
    try {
      const answer = await ask(`${root}/predict/example.tsv`);
      byId("paste").value = "";
      use(new File([await answer.blob()], "made-up-example.tsv"),
        "A made-up example: six profiles drawn at random about the training means.");
      byId(`scale-${form.dataset.exampleScale}`).checked = true;
      byId("scales-wrong").textContent = "";
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      use(null, "No file yet.");
      byId("failure").replaceChildren(showProblem(error.problem));
    }
  }

  function file() {
    const pasted = byId("paste").value;
    if (pasted.trim()) {
      return new File([pasted], pasted.includes("\t") ? "pasted.tsv" : "pasted.csv");
    }
    return other ?? byId("file").files[0] ?? null;
  }

  byId("file").addEventListener("change", () => {
    const chosen = byId("file").files[0];
    byId("paste").value = "";
    other = null;
    byId("file-state").textContent = chosen ? described(chosen) : "No file yet.";
    if (chosen) byId("profiles-wrong").textContent = "";
  });
  byId("paste").addEventListener("input", () => {
    use(null, byId("paste").value.trim() ? "The pasted table is used." : "No file yet.");
    byId("file").value = "";
  });
  byId("example").addEventListener("click", useExample);
  takeDrops(byId("drop"), (dropped) => {
    byId("paste").value = "";
    use(dropped);
  });
  return { file, useExample };
}

function takeDrops(place, take) {
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
}

function described(file) {
  const kib = file.size / 1024;
  const size = kib < 1024 ? `${Math.max(1, Math.round(kib))} KB` : `${(kib / 1024).toFixed(1)} MB`;
  return `${file.name}, ${size}.`;
}
