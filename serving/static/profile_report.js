// What has to be known before the answers are read: warnings, genes, samples.

import { make } from "./dom.js";

const FAR = 95; // domain percentile from which a sample is unlike most training lines
const MOST_SAMPLES = 200;

export function aboutProfiles(answers) {
  return [make("p", {}, provenance(answers)), ...warnings(answers.warnings), genes(answers),
    samples(answers.samples)];
}

function provenance({ bundle, level, alignment }) {
  const version = bundle.version && !bundle.name.includes(bundle.version)
    ? `, version ${bundle.version}` : "";
  const aligned = alignment === "none" ? "Profiles were taken as they are"
    : `Profiles were aligned to the training cohort by ${alignment}`;
  return `Bundle ${bundle.name}${version} (SHA-256 ${bundle.sha256.slice(0, 12)}…), learned from ` +
    `${bundle.cohort}. Certainty ${Math.round(100 * level)}%. ${aligned}.`;
}

function warnings(sentences) {
  if (!sentences.length) return [];
  return [make("section", { class: "notice", "aria-label": "Notes" },
    make("p", {}, make("strong", {}, "How the file was read, and what to keep in mind")),
    make("ul", {}, ...sentences.map((sentence) => make("li", {}, sentence))))];
}

function genes({ gene_coverage: coverage, genes: names }) {
  const all = coverage.matched.length + coverage.missing.length;
  const found = `${coverage.matched.length} of ${all} genes found (${Math.round(100 * coverage.fraction)}%)`;
  const notes = [
    coverage.missing.length
      ? `Missing, each replaced by its training mean: ${coverage.missing.join(", ")}.`
      : "None is missing.",
    `Gene names were read as ${names.id_type}.`,
    Object.keys(names.renamed).length
      ? `Older names brought up to date: ${Object.entries(names.renamed).slice(0, 50)
        .map(([before, now]) => `${before} → ${now}`).join(", ")}.` : null,
  ].filter(Boolean);
  return make("details", {}, make("summary", {}, found),
    ...notes.map((note) => make("p", {}, note)));
}

function samples(all) {
  const far = all.filter((one) => (one.domain_percentile ?? 0) >= FAR).length;
  const words = `${all.length.toLocaleString("en")} sample${all.length === 1 ? "" : "s"}` +
    (far ? `, ${far} of them unlike most training samples` : "");
  const rows = all.slice(0, MOST_SAMPLES).map((one) => make("tr", {},
    make("th", { scope: "row" }, one.sample_id),
    make("td", {}, likeness(one.domain_percentile)),
    make("td", {}, one.lineage_used),
    make("td", {}, one.is_training_line ? "yes: the answer is no test of it" : "no")));
  const caption = "Unlike training samples: 0 is amid them, 100 beyond all. " +
    (all.length > MOST_SAMPLES ? `The first ${MOST_SAMPLES} are shown.` : "");
  const heads = ["Sample", "Unlike training samples", "Lineage used", "Was trained on"];
  return make("details", { open: far > 0, class: "samples" }, make("summary", {}, words),
    make("div", { class: "scroll", role: "region", "aria-label": "Samples", tabindex: "0" },
      make("table", {}, make("caption", {}, caption),
        make("thead", {}, make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)))),
        make("tbody", {}, ...rows))));
}

function likeness(percentile) {
  if (percentile === null) return "not known";
  const rounded = Math.round(percentile);
  if (percentile >= FAR) return `${rounded}: like few or none; the answers may not hold`;
  return percentile >= 75 ? `${rounded}: towards their edge` : `${rounded}: amid them`;
}
