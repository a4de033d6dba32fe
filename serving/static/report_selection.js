// Which lines, genes and gene sets the plots of a report show.

import { meanReading, patientDraws } from "./report_numbers.js";

export const UNKNOWN = "lineage not known";

export const lineageOf = (lines, at) => lines.lineage[at] ?? UNKNOWN;

// What the filters leave of a report: places of lines, genes and sets, the weightiest first.
export function selectFrom(record, { lineage, set }) {
  const { lines, genes, sets } = record.drivers;
  const at = lines.name.map((_, place) => place)
    .filter((place) => !lineage || lineageOf(lines, place) === lineage);
  const isWhole = at.length === lines.name.length;
  const draws = isWhole ? null : patientDraws(at, lines.patient);
  const chosenGenes = genes.filter((one) => !set || one.sets.includes(set));
  const named = new Set(chosenGenes.flatMap((one) => one.sets));
  const chosenSets = sets.filter((one) => !set || (one.kind === "set" && named.has(one.name)));
  return {
    lineage, set, at, isWhole,
    isAll: isWhole && !set,
    genes: weighed(chosenGenes, draws),
    sets: weighed(chosenSets, draws).map((one) => withTotal(one, genes, draws)),
    setTitle: set ? sets.find((one) => one.name === set)?.title ?? set : "",
  };
}

// Of all lines the service's own figures, with its thousand draws; of some of them ours.
function weighed(entries, draws) {
  if (!draws) return entries.map((one) => ({ ...one, size: one.mean_size }));
  return entries.map((one) => ({ ...one, size: meanReading(one.attribution.map(Math.abs), draws) }))
    .sort((a, b) => b.size.value - a.size.value);
}

// All genes of a set, each counted whole.
function withTotal(entry, genes, draws) {
  if (!draws || !entry.total_size) return { ...entry, total: entry.total_size };
  const members = genes.filter((one) => one.sets.includes(entry.name));
  const sums = entry.attribution.map((_, at) =>
    Math.abs(members.reduce((sum, one) => sum + one.attribution[at], 0)));
  return { ...entry, total: meanReading(sums, draws) };
}

// For a caption: nothing where everything is shown.
export function selectionNote(selection, { intervals = false } = {}) {
  if (selection.isAll) return "";
  const draws = intervals && !selection.isWhole ? " Intervals: 400 draws of their patients." : "";
  return `Shown: ${selectionWords(selection)}.${draws}`;
}

// What stands in words below a plot that the filters change.
export function selectionWords(selection) {
  const lines = selection.lineage
    ? `${selection.at.length} lines of ${selection.lineage}` : `all ${selection.at.length} lines`;
  return selection.set ? `${lines}, genes of ${selection.setTitle}` : lines;
}
