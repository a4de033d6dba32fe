// What went wrong, as the service says it: found, needed, what to do.

import { root } from "./ask.js";
import { make } from "./dom.js";

const TYPE = /^\/problems\/[a-z0-9-]+$/;
const FIELDS = { "/file": "file", "/scale": "scale", "/drugs": "drugs", "/level": "certainty",
  "/lineage": "lineage" };

export function showProblem(problem) {
  const facts = make("dl", {}, ...row("Found", problem.detail), ...row("Needed", problem.needed),
    ...row("What to do", problem.remedy));
  const places = (problem.errors ?? []).map((one) =>
    make("li", {}, `${FIELDS[one.pointer] ?? (one.pointer || "the request")}: ${one.message}`));
  return make("div", { class: "problem" },
    make("h2", {}, problem.title),
    facts,
    places.length ? make("ul", {}, ...places) : null,
    TYPE.test(problem.type ?? "")
      ? make("p", {}, make("a", { href: root + problem.type }, "More about this problem"))
      : null,
    problem.request_id
      ? make("p", { class: "help" }, `Request ${problem.request_id}: by this whoever runs the ` +
          "service finds it in the log.")
      : null);
}

function row(name, text) {
  return text ? [make("dt", {}, name), make("dd", {}, text)] : [];
}
