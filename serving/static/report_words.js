// Words and colours that the plots of a report share.

import { plain } from "./plots.js";

export const TOWARDS = { sensitivity: "sensitive", resistance: "resistant" };

export function colourOf(entry) {
  if (entry.kind === "lineage") return "var(--lineage)";
  return { sensitivity: "var(--sensitive)", resistance: "var(--resistant)" }[entry.direction]
    ?? "var(--other)";
}

export const nameOf = (entry) => (entry.kind === "gene" || entry.kind === "set"
  ? entry.title : entry.kind);

export function leanOf(entry) {
  if (entry.kind === "lineage") return "lineage: all its columns together";
  return entry.direction ? `high counts towards ${TOWARDS[entry.direction]}` : "no one direction";
}

export function measuredOf(lines, at) {
  if (!lines.is_sensitive) return "label not kept";
  return lines.is_sensitive[at] ? "measured sensitive" : "measured resistant";
}

// The first lines of every hover text on a training line.
export const lineWords = (lines, at) =>
  `${plain(lines.name[at])}<br>${plain(lines.lineage[at] ?? "lineage not known")}, ` +
  measuredOf(lines, at);

// Rows from the top down: names on an axis of categories that may be alike.
export const rowsAxis = (names) => ({
  tickvals: names.map((_, at) => at), ticktext: names.map((name) => plain(name).replaceAll("\n", "<br>")), range: [names.length - 0.4, -0.6],
  showgrid: false, tickfont: { color: "var(--ink)" },
});

export function shortened(name, most) {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

// Names beside rows: on one line, or on two where there is little room.
export function wrapped(name, most) {
  if (name.length <= most) return name;
  const words = name.split(" ");
  let first = words.shift();
  while (words.length && first.length + words[0].length < most) first += ` ${words.shift()}`;
  return words.length ? `${shortened(first, most)}\n${shortened(words.join(" "), most)}`
    : shortened(first, most);
}

// Height of rows with such names below each other.
export const heightOf = (rows, row, around) => (width) =>
  around + rows * (width < 520 ? Math.max(row, 38) : row);

export function errorBars(readings) {
  const known = (one) => one && one.low !== null && one.high !== null;
  return {
    type: "data", symmetric: false,
    array: readings.map((one) => (known(one) ? one.high - one.value : 0)),
    arrayminus: readings.map((one) => (known(one) ? one.value - one.low : 0)),
  };
}
