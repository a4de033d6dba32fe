// What reviewers decided about drugs, beside their answers.

import { make } from "./dom.js";

const WORDS = {
  none: "no decision yet",
  awaiting_second_person: "approved by one of two people",
  approved: "approved",
  approved_with_limits: "approved with limits",
  rejected: "rejected",
  unknown: "review not known",
};

export const approvalWords = (approval) => WORDS[approval] ?? approval;

export function approvalBeside(approval, limits) {
  return make("p", { class: `approval ${approval}` },
    make("strong", {}, `Review: ${approvalWords(approval)}.`), limits ? ` ${limits}` : null);
}

export function withheldNotice({ withheld }) {
  if (!withheld.length) return [];
  const drugs = withheld.map(({ drug, reason }) => make("li", {}, make("b", {}, drug), `: ${reason}`));
  const count = withheld.length === 1 ? "1 drug" : `${withheld.length} drugs`;
  return [make("details", { class: "notice", open: withheld.length <= 5 },
    make("summary", {}, `${count} not answered, because of what reviewers decided`),
    make("ul", {}, ...drugs))];
}

export function limitsNotice({ limits }) {
  const drugs = Object.entries(limits);
  if (!drugs.length) return [];
  const count = drugs.length === 1 ? "1 drug is" : `${drugs.length} drugs are`;
  return [make("details", { class: "notice", open: drugs.length <= 5 },
    make("summary", {}, `${count} approved with limits`),
    make("ul", {}, ...drugs.map(([drug, words]) => make("li", {}, make("b", {}, drug), `: ${words}`))))];
}
