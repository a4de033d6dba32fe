// What was compared, in words and tables.

import { make } from "./dom.js";

const LABELS = [["no_call", "no call"], ["sensitive", "sensitive"], ["resistant", "resistant"]];
const MOST_ROWS = 50;

const count = (number) => number.toLocaleString("en");
const percent = (share, digits = 1) =>
  (share === null ? "not known" : `${(100 * share).toFixed(digits)}%`);

export function stateWords({ state, reason, share, challenger_version: version }) {
  if (state === "off") return "";
  if (state === "on") return `Version ${version} answers ${percent(share, 0)} of the requests too.`;
  return `${state === "refused" ? "The challenger was refused: " : "Waiting: "}${reason}`;
}

export function pairWords({ challenger, champion, last_at: at }) {
  return `${challenger.version} against ${champion.version}, ${at.slice(0, 10)}`;
}

export function verdictOf(pair) {
  if (pair.share_changed === null) return "The challenger has answered nothing yet";
  return `${percent(pair.share_changed)} of ${count(pair.n_answers)} answers have another label`;
}

export function factsOf(pair) {
  const facts = [
    ["Challenger", bundleWords(pair.challenger)],
    ["Champion", bundleWords(pair.champion)],
    ["Requests", `${count(pair.n_requests)} answered by both, with ${count(pair.n_profiles)} profiles`],
    ["Not answered", `${percent(notAnswered(pair))} of the champion's answers; ` +
      `${count(pair.n_refused)} requests refused, ${count(pair.n_failed)} failed`],
    ["Time", timeWords(pair)],
    ["Genes of the panel held", `${percent(pair.challenger_gene_coverage, 0)}, champion ` +
      percent(pair.champion_gene_coverage, 0)],
    ["Compared", `${minute(pair.first_at)} to ${minute(pair.last_at)} UTC`],
  ];
  return facts.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)]);
}

function bundleWords({ version, sha256 }) {
  return `version ${version} (${sha256.slice(0, 12)})`;
}

const notAnswered = ({ answered_share: share }) => (share === null ? null : 1 - share);

function timeWords({ challenger_ms: ours, champion_ms: theirs, latency_ratio: ratio }) {
  if (ours === null || ratio === null) return "not known";
  return `${ours.toFixed(2)} ms of processor time a request, champion ${theirs.toFixed(2)} ms ` +
    `(${ratio.toFixed(2)} times)`;
}

const minute = (at) => at.slice(0, 16).replace("T", " ");

export function callTable(changes, { champion, challenger }) {
  const total = Object.values(changes).reduce((sum, one) => sum + one, 0);
  return make("table", {},
    make("caption", {}, "Answers by the champion's label (rows) and the challenger's (columns)"),
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, `version ${champion.version}`),
      ...LABELS.map(([, words]) =>
        make("th", { scope: "col", class: "number" }, `${words} (${challenger.version})`)))),
    make("tbody", {}, ...LABELS.map(([before, words]) => make("tr", {},
      make("th", { scope: "row" }, words),
      ...LABELS.map(([after]) => callCell(before, after, changes[`${before}_to_${after}`], total))))));
}

function callCell(before, after, number, total) {
  const isOpposite = before !== after && before !== "no_call" && after !== "no_call" && number > 0;
  const look = before === after ? " same" : isOpposite ? " opposite" : "";
  const share = total ? ` (${percent(number / total)})` : "";
  return make("td", { class: `number${look}` }, `${count(number)}${share}`);
}

export function sentenceOf(one) {
  return `${one.drug} in ${count(one.n)} answers: mean difference ${signed(one.mean)}, standard ` +
    `deviation ${one.sd === null ? "not known" : one.sd.toFixed(2)}; ${percent(one.share_changed)} ` +
    "have another label.";
}

export function changedTable(drugs) {
  const changed = drugs.filter((one) => one.n_changed > 0);
  if (changed.length === 0) return make("p", {}, "No answer has another label.");
  const heads = ["Drug", "Answers", "Other label", "Share", "Difference", "To the opposite"];
  const rest = changed.length > MOST_ROWS
    ? `; the first ${MOST_ROWS} of ${changed.length}, all of them in the CSV of the plot` : "";
  return make("table", {},
    make("caption", {}, `The most changed first${rest}`),
    make("thead", {}, make("tr", {}, ...heads.map((words, place) =>
      make("th", { scope: "col", class: place ? "number" : null }, words)))),
    make("tbody", {}, ...changed.slice(0, MOST_ROWS).map((one) => make("tr", {},
      make("th", { scope: "row" }, one.drug),
      ...[count(one.n), count(one.n_changed), percent(one.share_changed), signed(one.mean),
        count(one.changes.sensitive_to_resistant + one.changes.resistant_to_sensitive)]
        .map((text) => make("td", { class: "number" }, text))))));
}

function signed(number) {
  const shown = Math.abs(number).toFixed(2);
  if (Number(shown) === 0) return shown;
  return `${number < 0 ? "−" : "+"}${shown}`;
}
