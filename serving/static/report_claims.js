// Claims of the literature against the cohort: every measurement once.

import { plain } from "./plots.js";
import { readingText } from "./report_numbers.js";
import { errorBars, heightOf, rowsAxis, shortened, wrapped } from "./report_words.js";

const MOST = 20;
const ROW = 26;
const SYMBOLS = { supported: "triangle-up", contradicted: "diamond", inconclusive: "circle" };
const COLOURS = { supported: "var(--ink)", contradicted: "var(--ink)",
  inconclusive: "var(--no-call)" };

export function claimsPlot(record, selection) {
  const fitting = record.claims.filter((one) => fits(one, record, selection));
  const rows = measurements(fitting);
  const shown = rows.slice(0, MOST);
  const hover = shown.map((one) => `${plain(one.subject)}, ${plain(one.about)}<br>` +
    `claimed: high goes with ${one.claims[0].direction_when_high ?? "not stated"}<br>correlation ` +
    `${readingText(one.reading, 2)}: ${one.verdict}` +
    one.claims.slice(0, 3).map((claim) => `<br>“${plain(shortened(claim.statement, 70))}”`).join(""));
  return {
    name: `${record.drug}: claims of the literature against the cohort`,
    height: heightOf(Math.max(shown.length, 1), ROW, 110),
    note: `${rows.length} measurements for ${tested(rows)} claims` +
      (selection.set ? ` about ${selection.setTitle} or its genes` : "") +
      (shown.length < rows.length ? `; ${shown.length} are drawn` : "") + "." +
      (selection.isWhole ? "" : " Correlations are of all lines, within lineages: the bundle " +
        "keeps no measured responses to work them out anew."),
    figure: ({ narrow }) => ({
      data: Object.keys(SYMBOLS).map((verdict) => traceOf(verdict, shown, hover)),
      layout: {
        showlegend: true,
        xaxis: { title: narrow ? "correlation" : "correlation within lineages", zeroline: true,
          zerolinecolor: "var(--soft)" },
        yaxis: rowsAxis(shown.map((one) => wrapped(`${one.subject} → ` +
          `${one.claims[0].direction_when_high ?? "?"}`, narrow ? 18 : 44))),
      },
    }),
    table: {
      columns: ["gene or process", "about", "high goes with", "correlation", "low", "high", "verdict",
        "claims", "statement", "source"],
      rows: rows.map((one) => [one.subject, one.about, one.claims[0].direction_when_high,
        one.reading.value, one.reading.low, one.reading.high, one.verdict, one.claims.length,
        one.claims[0].statement, one.claims[0].source]),
    },
  };
}

const tested = (rows) => rows.reduce((sum, one) => sum + one.claims.length, 0);

function fits(claim, record, { set }) {
  if (!set) return true;
  const genes = record.drivers?.genes ?? [];
  return claim.subject === set ||
    genes.some((one) => one.name === claim.gene && one.sets.includes(set));
}

// Claims about the same gene and drugs share a measurement.
function measurements(claims) {
  const found = new Map();
  for (const claim of claims) {
    if (!(claim.verdict in SYMBOLS) || !claim.correlation) continue;
    const subject = (claim.subject ?? "agent").replaceAll("_", " ");
    const about = claim.drug ?? `${claim.drug_class} (class)`;
    const key = JSON.stringify([subject, about, claim.direction_when_high, claim.verdict]);
    const one = found.get(key) ?? { subject, about, verdict: claim.verdict,
      reading: claim.correlation, claims: [] };
    one.claims.push(claim);
    found.set(key, one);
  }
  return [...found.values()];
}

function traceOf(verdict, shown, hover) {
  const at = shown.map((_, place) => place).filter((place) => shown[place].verdict === verdict);
  const readings = at.map((place) => shown[place].reading);
  return {
    type: "scatter", mode: "markers", name: verdict, y: at, x: readings.map((one) => one.value),
    error_x: { ...errorBars(readings), color: COLOURS[verdict] },
    marker: { symbol: SYMBOLS[verdict], size: 10, color: COLOURS[verdict] },
    hovertext: at.map((place) => hover[place]), hovertemplate: "%{hovertext}<extra></extra>",
  };
}
