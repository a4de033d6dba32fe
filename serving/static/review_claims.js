// Claims of the literature beside a finding, each with where to look its source up.

import { ask, root } from "./ask.js";
import { make } from "./dom.js";
import { lean, outward } from "./review_words.js";

let known = null; // promise of all claims by id: asked for once

function claims() {
  if (known === null) {
    known = ask(`${root}/reviews/claims`).then((answer) => answer.json());
    known.catch(() => { known = null; });
  }
  return known;
}

// groups: [words, ids] such as ["Claims that say the opposite", [...]]
export async function claimList(groups) {
  const all = await claims();
  return groups.filter(([, ids]) => ids.length).map(([words, ids]) =>
    make("div", {}, make("h4", {}, `${words} (${ids.length})`),
      make("ol", { class: "claims" }, ...ids.map((id) => claimItem(id, all[id])))));
}

function claimItem(id, claim) {
  const own = make("a", { href: `${root}/claims#${encodeURIComponent(id)}` }, "in the list of claims");
  if (!claim) return make("li", {}, id, " (not among the claims of this release)");
  return make("li", {},
    make("p", {}, claim.statement, claim.direction ? " High goes with " : null,
      claim.direction ? lean(claim.direction) : null, claim.direction ? "." : null),
    make("p", { class: "help" }, [claim.about, claim.context, claim.evidence].filter(Boolean)
      .join("; "), ". ", claim.source, ". ",
    ...claim.links.flatMap(({ words, address }) => [outward(words, address), " · "]), own));
}
