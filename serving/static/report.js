// The page of a report: what the card says is there; reasons, plots and filters come with the rest.

import { ask, Refusal } from "./ask.js";
import { byId, make } from "./dom.js";
import { drawPlot, loadPlotly } from "./plots.js";
import { showProblem } from "./problem.js";
import { claimsPlot } from "./report_claims.js";
import { dependencePlot } from "./report_dependence.js";
import { calibrationPlot, controlsPlot } from "./report_evidence.js";
import { readFilters } from "./report_filters.js";
import { further } from "./report_further.js";
import { geneLinks } from "./report_gene_links.js";
import { genesPlot, linesPlot } from "./report_genes.js";
import { lineagesPlot } from "./report_lineages.js";
import { setsPlot } from "./report_sets.js";

const PLOTS = { controls: controlsPlot, calibration: calibrationPlot, genes: genesPlot,
  lines: linesPlot, dependence: dependencePlot, sets: setsPlot, claims: claimsPlot,
  lineages: lineagesPlot };

const page = byId("report");
if (page) start();

async function start() {
  loadPlotly().catch(() => {}); // each plot says so itself
  try {
    const [record, pieces] = await Promise.all([
      ask(page.dataset.record, { accept: "application/json" }).then((answer) => answer.json()),
      ask(page.dataset.pieces, { accept: "text/html" }).then((answer) => answer.text()),
    ]);
    show(record, pieces);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(error.problem);
  }
}

function show(record, pieces) {
  // From this service, which escapes whatever stands in it.
  const parsed = new DOMParser().parseFromString(pieces, "text/html");
  for (const place of page.querySelectorAll("[data-awaits]")) {
    const piece = parsed.querySelector(`[data-section="${place.dataset.awaits}"]`);
    place.replaceWith(...(piece ? piece.childNodes : []));
  }
  byId("in-short").replaceChildren(...record.verdict.in_short.map((words) => make("li", {}, words)));
  reachWideTables();
  if (record.drivers) drawAll(record);
  else leaveUndrawn();
  for (const fill of further) showFurther(fill, record);
}

function drawAll(record) {
  const drawn = new Map();
  readFilters(record, (selection) => {
    for (const figure of page.querySelectorAll("[data-plot]")) {
      drawOne(figure, PLOTS[figure.dataset.plot](record, selection), drawn);
    }
    const links = geneLinks(selection);
    const before = page.querySelector(".gene-links")?.closest("details");
    if (before) {
      links.open = before.open;
      before.replaceWith(links);
    } else {
      page.querySelector('[data-plot="genes"]')?.append(links);
    }
  });
}

// What the bundle allows of a report is drawn by the service, and there is nothing to filter.
function leaveUndrawn() {
  byId("report-filters").hidden = true;
  page.classList.add("undrawn");
}

// A plot that has nothing to show keeps the drawing of the printed report, or says so.
function drawOne(figure, made, drawn) {
  const known = drawn.get(figure);
  if (known) known.place.hidden = !made;
  if (!made) {
    if (known) known.note.textContent = "Nothing of this is left by the filters.";
    return;
  }
  const about = { name: made.name, table: made.table, height: made.height };
  if (known) {
    known.plot.update(made.figure, about);
    known.note.textContent = made.note ?? "";
    known.caption.textContent = captionOf(made, known.printed);
    return;
  }
  figure.querySelector(".of-print")?.remove();
  const place = figure.querySelector(".plot-place");
  const note = make("p", { class: "plot-note" }, made.note ?? "");
  place.after(note);
  const caption = figure.querySelector("figcaption");
  const printed = caption.textContent;
  caption.textContent = captionOf(made, printed);
  drawn.set(figure, { plot: drawPlot(place, made.figure, about), place, note, caption, printed });
}

// The printed report's caption, with what the filters change in it.
const captionOf = (made, printed) => (made.caption ? made.caption(printed) : printed);

async function showFurther(fill, record) {
  const place = make("section");
  byId("report-further").append(place);
  try {
    await fill({ record, place, drug: record.drug });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    place.replaceChildren(showProblem(error.problem));
  }
}

// Tables that are wider than the page are scrolled by keyboard too.
function reachWideTables() {
  for (const wide of page.querySelectorAll(".wide")) {
    wide.tabIndex = 0;
    wide.setAttribute("role", "region");
    wide.setAttribute("aria-label", wide.querySelector("caption")?.textContent ?? "Table");
  }
}

function refuse(problem) {
  const again = make("button", { type: "button", onclick: () => location.reload() }, "Try again");
  byId("report-problem").replaceChildren(showProblem(problem), again);
  byId("report-filters").hidden = true;
  for (const place of page.querySelectorAll("[data-awaits]")) {
    place.removeAttribute("aria-busy");
    place.replaceChildren(make("p", { class: "absent" },
      "This part could not be fetched; the reason stands above the report."));
  }
}
