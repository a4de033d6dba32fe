// One finding in full: its sentence, what it rests on, claims with their sources, its history.

import { root } from "./ask.js";
import { make } from "./dom.js";
import { claimList } from "./review_claims.js";
import { historyList } from "./review_history.js";
import { dependencePlot, figure, forestPlot, voicesPlot } from "./review_plots.js";
import { KINDS, lean, linked, outward, stateChip, subjectWords } from "./review_words.js";

// Shown at once, before the service is asked: what the list knows already.
export function findingHead(finding) {
  return [
    make("p", { class: "finding-where" }, make("span", {}, KINDS[finding.kind]), " · ",
      make("span", {}, finding.drug), " ", stateChip(finding.state),
      finding.assignee === null ? null
        : make("span", { class: "help" }, ` assigned to ${finding.assignee}`)),
    make("h2", { id: "finding-title", tabindex: "-1" }, subjectWords(finding.subject)),
    make("p", { class: "finding-sentence" },
      finding.summary.replaceAll(finding.subject, subjectWords(finding.subject))),
  ];
}

export function findingBody(finding) {
  const { figures } = finding;
  return [links(finding), make("div", { class: "finding-plots" }, ...plots(finding)), figureTable(figures), claims(figures),
    make("section", {}, make("h3", {}, "History"), historyList(finding.history))]
    .filter(Boolean);
}

function links({ bundle_sha256: sha256, drug, kind, subject }) {
  const isGene = /^[A-Z][A-Za-z0-9-]*$/.test(subject) && kind !== "unstable_attribution";
  const named = encodeURIComponent(drug);
  return make("ul", { class: "finding-links" }, ...[
    make("a", { href: `${root}/reviews/${sha256}/${named}` }, `Sign-off of ${drug}`),
    make("a", { href: `${root}/reports/${named}?bundle=${sha256}` }, `Report on ${drug}`),
    isGene ? make("a", { href: `${root}/claims?gene=${subject}&search=${subject}` },
      `Claims about ${subject}`) : null,
    isGene ? outward(`${subject} at HGNC`,
      `https://www.genenames.org/tools/search/#!/?query=${subject}`) : null,
    isGene ? outward(`${subject} at NCBI Gene`,
      `https://www.ncbi.nlm.nih.gov/gene/?term=${subject}%5Bsym%5D+AND+human%5Borgn%5D`) : null,
  ].filter(Boolean).map((link) => make("li", {}, link)));
}

function plots({ kind, subject, figures }) {
  const shown = [];
  if (figures.by_cohort?.length) {
    shown.push(part("The cohort against the claim", forestPlot("Correlation within lineages",
      figures.by_cohort.map((one, place) => ({
        name: `claim ${place + 1}: ${one.direction_when_high}`, value: one.within_lineage,
        low: one.within_lineage_low, high: one.within_lineage_high,
        look: one.within_lineage < 0 ? "resistant" : "sensitive",
      })).filter((row) => typeof row.value === "number"),
      { reference: 0, sides: ["resistance", "sensitivity"], axis: "correlation within lineages" })));
  }
  const said = voices(figures);
  if (said.length > 1) {
    shown.push(part("Who says what of higher expression", voicesPlot(subjectWords(subject), said)));
  }
  if (kind === "unstable_attribution") shown.push(stabilityPlot(figures));
  if (figures.dependence) {
    shown.push(part("Attribution against value",
      dependencePlot(subjectWords(subject), figures.dependence)));
  }
  return shown;
}

// The classifier beside the sources and the claims, where there is something to hold it against.
function voices(figures) {
  if (!("direction" in figures)) return [];
  const one = (name, direction) => ({ name, resistance: Number(direction === "resistance"),
    sensitivity: Number(direction === "sensitivity") });
  const count = (name, claims) => ({ name,
    resistance: claims.filter((claim) => claim === "resistance").length,
    sensitivity: claims.filter((claim) => claim === "sensitivity").length });
  const contrary = { resistance: "sensitivity", sensitivity: "resistance" };
  const claims = [
    ...(figures.by_classifier ?? []).map((claim) => claim.direction_when_high),
    ...(figures.agreeing_claims ?? []).map(() => figures.direction),
    ...(figures.opposing_claims ?? []).map(() => contrary[figures.direction]),
  ];
  return [one("this classifier", figures.direction),
    figures.expected?.direction ? one("its sources", figures.expected.direction) : null,
    claims.length ? count("claims", claims) : null].filter(Boolean);
}

function stabilityPlot({ panel, random, random_lowest: low, random_highest: high }) {
  const interval = typeof panel === "object" ? panel : { value: panel };
  return part("Agreement of the ranking with itself", forestPlot("Agreement", [
    { name: "these gene sets", look: "panel", ...interval },
    { name: "random gene sets", look: "random", value: random, low, high },
  ], { axis: "rank correlation" }));
}

function part(title, ...content) {
  return make("section", {}, make("h3", {}, title), ...content);
}

function figureTable(figures) {
  const rows = [
    ["In the classifier, high goes with", figures.direction ? lean(figures.direction)
      : "direction" in figures ? "it depends on the line" : null],
    ["Its sources expect", expectation(figures.expected)],
    ["Weight", "rank" in figures ? weight(figures) : share(figures.share)],
    ["Mean size of its attribution", logOdds(figures.mean_size, "log-odds")],
    ["One SD more adds", logOdds(figures.log_odds_per_sd, "log-odds")],
    ["Gain over random gene sets", figures.gain?.value === undefined ? null : figure(figures.gain)],
  ].filter(([, value]) => value !== null && value !== undefined);
  if (!rows.length) return null;
  return part("Figures", make("dl", { class: "facts" }, ...rows.flatMap(([name, value]) =>
    [make("dt", {}, name), make("dd", {}, value)])));
}

function expectation(expected) {
  if (!expected) return null;
  const said = expected.direction ? lean(expected.direction) : "no direction is stated";
  return make("span", {}, said, expected.context ? ` (${expected.context})` : null,
    expected.sources.length ? make("span", { class: "help block" }, "Source: ",
      linked(expected.sources.join("; "))) : null);
}

function weight({ rank, of, share: part_ }) {
  return `number ${rank} of its ${of === "set" ? "sets" : "genes"}, ${share(part_)}`;
}

function share(part_) {
  return part_ ? `${(100 * part_).toFixed(1)}% of the mean attribution` : null;
}

function logOdds(value, unit) {
  return typeof value === "number" ? `${value.toFixed(3).replace("-", "−")} ${unit}` : null;
}

// Claims come a moment later: their place says so, and says it where they cannot be had.
function claims(figures) {
  const ids = (list) => (list ?? []).map((one) => one.claim_id ?? one);
  const contradicted = [...ids(figures.by_cohort), ...ids(figures.by_classifier)];
  const groups = [
    ["Claims that are contradicted", [...new Set(contradicted)]],
    ["Claims that say the opposite of the classifier", ids(figures.opposing_claims)],
    ["Claims that agree with the classifier", ids(figures.agreeing_claims)],
  ];
  if (!groups.some(([, list]) => list.length)) return null;
  const place = make("div", {}, make("p", { class: "help" }, "Loading the claims…"));
  claimList(groups).then(
    (lists) => place.replaceChildren(...lists),
    (error) => place.replaceChildren(make("p", { class: "help" },
      `The claims cannot be shown now: ${error.problem?.detail ?? "they could not be read."}`)));
  return part("Claims of the literature", place);
}
