// What was found, in words and tables.

import { make } from "./dom.js";

const KINDS = {
  none: "No drift",
  some_genes: "Some genes have drifted",
  higher: "Most genes have drifted, upwards",
  lower: "Most genes have drifted, downwards",
  wider: "Most genes have drifted, outwards",
  narrower: "Most genes have drifted, towards the middle",
  mixed: "Most genes have drifted, up and down",
};
const NOT_KEYS = { open: "open mode, without a key", others: "callers with few profiles, together" };

export const percent = (share, digits = 0) =>
  (share === null ? "not known" : `${(100 * share).toFixed(digits)}%`);

export function verdictOf(overall) {
  return KINDS[overall.kind];
}

export function nameOf(caller) {
  return NOT_KEYS[caller.caller] ?? (caller.name ? `${caller.name} (${caller.caller})` : caller.caller);
}

export function factsOf({ overall, bundle, least_share: least }) {
  const drifted = `${overall.n_drifted} of ${overall.n_genes} genes ` +
    `(${percent(overall.share_drifted)}); called drift from ${percent(least)} on`;
  return [
    ["Held against", `bundle ${bundle.name}: ${bundle.n_lines.toLocaleString("en")} training ` +
      `samples of ${bundle.cohort}`],
    ["Changed genes", drifted],
    ["Median index", overall.median_index === null ? "no gene was measured"
      : overall.median_index.toFixed(2)],
    ["On another scale", `${percent(overall.aligned)} of profiles were aligned to the training ` +
      "cohort's scale"],
    ["Genes of the panel held", percent(overall.gene_coverage)],
    ["Beyond the 90th percentile", ...shareWords(overall.far_out, "profiles")],
    ["No call", ...shareWords(overall.no_calls, "answers at 80% certainty")],
  ].flatMap(([name, text, look]) => [make("dt", {}, name),
    make("dd", look ? { class: look } : {}, text)]);
}

function shareWords(share, of) {
  if (share.value === null) return ["not known"];
  const interval = `[${percent(share.low)}, ${percent(share.high)}]`;
  const expected = share.expected === null ? "" : `; ${percent(share.expected)} expected`;
  return [`${percent(share.value)} ${interval} of ${of}${expected}`, share.changed ? "changed" : ""];
}

export function geneSentence(one) {
  const way = Math.abs(one.shift) < 0.02 ? "its values moved neither up nor down on the whole"
    : `its values moved ${one.shift > 0 ? "up" : "down"} by ${percent(Math.abs(one.shift))} of the ` +
      "training lines";
  return `${one.gene} in ${one.n_profiles.toLocaleString("en")} profiles: index ` +
    `${one.index.toFixed(2)} [${one.low.toFixed(2)}, ${one.high.toFixed(2)}]; greatest distance ` +
    `between the cumulative distributions ${one.distance.toFixed(2)} ` +
    `[${one.distance_low.toFixed(2)}, ${one.distance_high.toFixed(2)}]; ${way}. ` +
    `${one.drifted ? "It has changed" : "It is not shown to have changed"} (q ${small(one.q)}).`;
}

function small(q) {
  return q < 0.001 ? "below 0.001" : `= ${q.toFixed(3)}`;
}

export function callerTable(callers) {
  const heads = [["Caller"], ["Profiles", true], ["Changed genes", true], ["Median index", true],
    ["Beyond the 90th percentile", true], ["On another scale", true], ["What it looks like"]];
  return make("table", {},
    make("caption", {}, "Every caller of these days, those with most profiles first"),
    make("thead", {}, make("tr", {}, ...heads.map(([words, number]) =>
      make("th", { scope: "col", class: number ? "number" : null }, words)))),
    make("tbody", {}, ...callers.map((one) => make("tr", {},
      make("th", { scope: "row" }, nameOf(one)),
      number(one.n_profiles.toLocaleString("en")),
      number(`${one.n_drifted} of ${one.n_genes}`),
      number(one.median_index === null ? "–" : one.median_index.toFixed(2)),
      number(percent(one.far_out.value)),
      number(percent(one.aligned)),
      make("td", {}, KINDS[one.kind])))));
}

function number(text) {
  return make("td", { class: "number" }, text);
}
