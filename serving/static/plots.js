// Plots of a page, drawn by Plotly with the colours and the type of the site.
//
//   const plot = drawPlot(element, figure, { name, table, height });
//   plot.update(figure, { name, table });
//
// element   an empty element; the plot, its buttons and its table are put into it
// figure    { data, layout } as Plotly has it, or a function of { width, narrow } that gives one, for
//           plots that look different where there is little room. Colours are tokens of the palette,
//           "var(--sensitive)", wherever a colour may stand: they follow light and dark.
// name      what the plot shows, in a line: read to whoever cannot see it, and the name of its files
// table     { columns: ["gene", ...], rows: [["SLC31A1", 0.2], ...] }: the numbers, for CSV and table
// height    in pixels, or a function of the width that gives them; kept free from the start (400)
//
// The head of the page holds {% include "pages/plots_head.html" %}. Words that come from data go
// through `plain` before they become a label or a hover text; <b>, <i> and the like do not work
// (write font: { weight: "bold" }), nor does a trace of WebGL (scattergl), nor a heatmap without xgap
// and ygap: all of these need a looser policy.

import { make } from "./dom.js";
import { plotFiles } from "./plot_files.js";
import { colours, layoutOf, painted, tracesOf } from "./plot_theme.js";
import { loadPlotly } from "./plotly.js";

const NARROW = 520; // pixels
const HEIGHT = 400;
// No double click: it would undo zooms, and there are none.
const CONFIG = { displayModeBar: false, showTips: false, doubleClick: false, scrollZoom: false };
const dark = matchMedia("(prefers-color-scheme: dark)");
const plots = new Set();

export { loadPlotly };

// Plotly reads markup and %{...} in its texts; this makes them letters.
export function plain(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll("%{", "%\u200b{");
}

export function drawPlot(element, figure, about) {
  const plot = new Plot(element, figure, about);
  plots.add(plot);
  plot.draw();
  return plot;
}

class Plot {
  constructor(element, figure, about) {
    this.figure = figure;
    this.about = { height: HEIGHT, ...about };
    this.drawing = make("div", { class: "plot-drawing", role: "img" });
    this.said = make("p", { class: "plot-state" }, "Drawing…");
    this.box = make("div", { class: "plot-box" }, this.drawing, this.said);
    this.files = plotFiles(() => this.about, (how) => this.picture(how));
    this.element = element;
    this.name();
    element.classList.add("plot");
    element.replaceChildren(this.box, this.files);
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(this.box);
  }

  update(figure, about = {}) {
    this.figure = figure;
    Object.assign(this.about, about);
    this.name();
    this.files.querySelector("details").dispatchEvent(new Event("change-of-plot"));
    return this.draw();
  }

  name() {
    this.box.style.height = `${this.height(this.element.clientWidth)}px`;
    this.drawing.setAttribute("aria-label", `${this.about.name}. The table below holds its numbers.`);
  }

  height(width) {
    const { height } = this.about;
    return typeof height === "function" ? height(width) : height;
  }

  async draw() {
    this.width = this.box.clientWidth;
    this.box.style.height = `${this.height(this.width)}px`;
    let Plotly;
    try {
      Plotly = await loadPlotly();
    } catch (error) {
      this.said.textContent = error.message;
      this.said.setAttribute("role", "alert");
      return;
    }
    if (!this.element.isConnected) return;
    const { data, layout } = this.laidOut(this.width, colours());
    this.said.remove();
    await Plotly.react(this.drawing, data, layout, CONFIG);
    this.box.classList.add("drawn");
  }

  laidOut(width, colourOf) {
    const given = typeof this.figure === "function"
      ? this.figure({ width, narrow: width < NARROW }) : this.figure;
    const layout = layoutOf(given, { height: this.height(width) });
    return painted({ data: tracesOf(given), layout: { ...layout, width } }, colourOf);
  }

  // In light, whatever the reader's scheme: it is put on paper and into slides.
  async picture(how) {
    const Plotly = await loadPlotly();
    const width = Math.max(this.width, NARROW);
    const { data, layout } = this.laidOut(width, colours({ light: true }));
    return Plotly.toImage({ data, layout, config: CONFIG },
      { ...how, width, height: this.height(width) });
  }

  resize() {
    if (!this.element.isConnected) {
      this.watch.disconnect();
      plots.delete(this);
    } else if (this.box.clientWidth && Math.abs(this.box.clientWidth - this.width) > 1) {
      this.draw();
    }
  }
}

dark.addEventListener("change", () => {
  for (const plot of plots) plot.draw();
});
