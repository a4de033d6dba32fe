// The reviews of a bundle as files.

import { ask, Refusal, root } from "./ask.js";
import { fileName, save } from "./download.js";
import { byId } from "./dom.js";

export function offerExports(sha256) {
  for (const button of document.querySelectorAll("[data-export]")) {
    button.disabled = false;
    button.addEventListener("click", () => exportAs(sha256, button.dataset.export));
  }
}

async function exportAs(sha256, what) {
  const said = byId("export-said");
  const isJson = what === "json";
  said.textContent = "Making the file…";
  try {
    const address = `${root}/v1/reviews/export?bundle=${sha256}${isJson ? "" : `&what=${what}`}`;
    const answer = await ask(address, { accept: isJson ? "application/json" : "text/csv" });
    const name = fileName(`reviews ${sha256.slice(0, 12)} ${isJson ? "" : what}`,
      isJson ? "json" : "csv");
    save(name, await answer.blob());
    said.textContent = `Downloaded as ${name}.`;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    said.textContent = `No file: ${error.problem.detail} ${error.problem.remedy ?? ""}`;
  }
}
