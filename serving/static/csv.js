// Predictions as CSV for a spreadsheet.

import { callOf } from "./calls.js";

const COLUMNS = ["sample_id", "drug", "probability_sensitive", "label", "conformal_set", "status",
  "approval", "domain_percentile"];

export function downloadCsv(predictions, answers) {
  const { bundle, level, reviews } = answers;
  const head = [...COLUMNS, "approval_limits", "approval_as_of", "level", "bundle", "bundle_version", "bundle_sha256", "cohort"];
  const about = [level, bundle.name, bundle.version ?? "", bundle.sha256, bundle.cohort];
  const rows = predictions.map((one) => [...COLUMNS.map((name) => valueOf(one, name)),
    reviews.limits[one.drug] ?? "", reviews.as_of ?? "", ...about]);
  const text = [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
  const address = URL.createObjectURL(new Blob([text, "\r\n"], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "cupromark-predictions.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function valueOf(one, name) {
  if (name !== "conformal_set") return one[name] ?? "";
  const call = callOf(one);
  return { "no call": "both", neither: "none" }[call] ?? call;
}

// Text that a spreadsheet would take for a formula gets a quote before it.
export function cell(value) {
  let text = String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
