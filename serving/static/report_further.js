// What else a report shows, below its sections: comparisons, waterfalls, what-if.
//
// Each of these is called once the report is there, with { record, place, drug }: `record` is what
// GET /v1/reports/{drug} answers, `place` an element of its own to fill. It may draw with plots.js,
// and throw a Refusal, which is shown in its place.

import { root } from "./ask.js";
import { make } from "./dom.js";

export const further = [toProfiles];

function toProfiles({ place, drug }) {
  const of = `drug=${encodeURIComponent(drug)}`;
  place.setAttribute("aria-labelledby", "further-profiles");
  place.append(make("h2", { id: "further-profiles" }, "Read on"), make("ul", {},
    make("li", {}, make("a", { href: `${root}/what-if?${of}` }, "Take the answer for one profile apart"),
      ": its waterfall, its place among these lines, and what if genes moved."),
    make("li", {}, make("a", { href: `${root}/compare?${of}` }, "Compare two bundles"),
      ` on ${drug}: champion and challenger, or versions.`)));
}
