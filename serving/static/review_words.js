// The words and small pieces of the review desk.

import { make } from "./dom.js";

export const KINDS = {
  contradicted_claim: "Contradicted claim",
  unstable_attribution: "Unstable attribution",
  surprising_direction: "Surprising direction",
  top_gene: "Top gene",
  top_set: "Top gene set",
};
export const STATES = {
  open: "open", plausible: "plausible", implausible: "implausible", unsure: "unsure",
  needs_experiment: "needs experiment", withdrawn: "taken back",
};
export const DECISIONS = {
  approve: "approved", approve_with_limits: "approved with limits", reject: "rejected",
};

export function stateChip(state) {
  return make("span", { class: `state ${state}` }, STATES[state]);
}

// A moment as it is said here: to the minute, in UTC, whatever the browser's place.
const DAY = new Intl.DateTimeFormat("en-GB",
  { day: "2-digit", month: "long", year: "numeric", timeZone: "UTC" });

export function moment(text) {
  const at = new Date(text);
  return make("time", { datetime: text },
    `${DAY.format(at)}, ${at.toISOString().slice(11, 16)} UTC`);
}

// A gene or set in words: names of sets are written with underscores.
export function subjectWords(subject) {
  return /^[a-z0-9_]+$/.test(subject) ? subject.replaceAll("_", " ") : subject;
}

export function lean(direction) {
  return make("span", { class: `direction ${direction}` }, direction);
}

// Text with its DOIs and PubMed ids as links, which only a person follows.
export function linked(text) {
  const pieces = text.split(/(doi:10\.\d{4,9}\/[^\s;|,]+|pmid:\d{1,9})/);
  return make("span", {}, ...pieces.filter(Boolean).map((piece) =>
    addressOf(piece) ? outward(piece, addressOf(piece)) : piece));
}

// A reference as the service keeps it: doi:..., pmid:..., or an address.
export function reference(text) {
  const address = addressOf(text);
  return address ? outward(text, address) : make("span", {}, text);
}

export function outward(words, address) {
  return make("a", { href: address, rel: "noopener noreferrer", class: "written" }, words);
}

function addressOf(text) {
  if (text.startsWith("doi:10.")) return `https://doi.org/${encodeURI(text.slice(4))}`;
  if (/^pmid:\d+$/.test(text)) return `https://pubmed.ncbi.nlm.nih.gov/${text.slice(5)}/`;
  return /^https?:\/\//i.test(text) ? text : null;
}

export function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
