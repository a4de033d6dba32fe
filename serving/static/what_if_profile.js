// One profile as it can be moved: its genes as the classifier sees them, on the training scale.

import { ask, root } from "./ask.js";

const TOP = 1000; // every gene of the panel
const SAME = 0.001; // of a probability
const HEADERS = { "Cupromark-What-If": "true" }; // so that no drift counts what nobody measured

// What /v1/explanations says of a file, in full.
export async function explainFile(question, signal) {
  question.append("top", String(TOP));
  return (await ask(`${root}/v1/explanations`, { method: "POST", body: question,
    accept: "application/json", signal, headers: HEADERS })).json();
}

// What it says of a profile with moved genes; one sample, one drug.
export async function explainMoved(profile, signal) {
  const genes = [...profile.values.keys()];
  const json = { genes, values: [genes.map((gene) => profile.values.get(gene))],
    ids: [profile.sample], scale: profile.scale, drugs: [profile.drug], level: profile.level,
    align: "none", top: TOP };
  if (profile.lineage) json.covariates = { lineage: profile.lineage };
  const answer = await ask(`${root}/v1/explanations`, { method: "POST", json,
    accept: "application/json", signal, headers: HEADERS });
  return answerOf(await answer.json(), 0);
}

// One sample of an answer: { explanation, sample, coverage, bundle }.
export function answerOf(answers, at) {
  return { explanation: answers.explanations[at], sample: answers.samples[at],
    coverage: answers.gene_coverage, bundle: answers.bundle };
}

// The profile that gives this answer: values follow from z, mean and standard deviation of a gene.
export function profileOf(answer, ranges, { drug, level, lineage }) {
  const z = new Map(answer.explanation.genes.map((one) => [one.name, one.value_z]));
  const missing = new Set(answer.coverage.missing);
  const values = new Map();
  for (const { gene, mean, sd } of ranges.genes) {
    if (!missing.has(gene) && Number.isFinite(z.get(gene))) {
      values.set(gene, Math.max(mean + sd * z.get(gene), 0));
    }
  }
  return { sample: answer.explanation.sample_id, scale: ranges.scale, values, drug, level, lineage };
}

// Whether the profile that was put together again is answered as the one in the file was.
export function isSame(before, after) {
  return Math.abs(before.explanation.probability_sensitive -
    after.explanation.probability_sensitive) < SAME;
}

export const attributionOf = (answer, gene) =>
  answer.explanation.genes.find((one) => one.name === gene)?.attribution_log_odds ?? 0;
