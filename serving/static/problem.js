// What went wrong, as the service says it: found, needed, what to do.

import { root } from "./ask.js";
import { make } from "./dom.js";

const TYPE = /^\/problems\/[a-z0-9-]+$/;
const FIELDS = { "/file": "file", "/scale": "scale", "/drugs": "drugs", "/level": "certainty",
  "/lineage": "lineage" };

// Pages lead whoever is not logged in to the login: a page that is open was logged in.
const LOGIN_OVER = {
  title: "The login is over",
  detail: "It ended in another tab, was not used for too long, or its key was revoked.",
  needed: null,
  remedy: "What you entered here stays as it is.",
};

export function showProblem(answered) {
  const problem = answered.status === 401 ? { ...answered, ...LOGIN_OVER } : answered;
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
    problem.status === 401 ? logInElsewhere() : null,
    problem.request_id
      ? make("p", { class: "help" }, `Request ${problem.request_id}: by this whoever runs the ` +
          "service finds it in the log.")
      : null);
}

// In another tab: what was typed here stays.
function logInElsewhere() {
  return make("p", {}, make("a", { href: `${root}/login`, target: "_blank", rel: "noopener" },
    "Log in in another tab"), ", then try again here.");
}

function row(name, text) {
  return text ? [make("dt", {}, name), make("dd", { class: text.startsWith("`") ? null : "sentence" }, text)] : [];
}
