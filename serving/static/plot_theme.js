// Colours and type of plots: the tokens of the site, as they are now, or in light for a file.

const TOKEN = /^var\(--([a-z0-9-]+)\)$/;
const FONT = '"Liberation Sans", Arial, Helvetica, sans-serif';

// token -> colour; `light` whatever the reader's scheme is.
export function colours({ light = false } = {}) {
  const declared = light ? lightTokens() : getComputedStyle(document.documentElement);
  return (name) => declared.getPropertyValue(`--${name}`).trim();
}

// A copy in which every "var(--token)", wherever it stands, is its colour.
export function painted(value, colourOf) {
  if (typeof value === "string") {
    const token = TOKEN.exec(value);
    return token ? colourOf(token[1]) : value;
  }
  if (ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((one) => painted(one, colourOf));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) =>
    [name, painted(one, colourOf)]));
}

// What every plot shares; what the figure says itself stands above it.
export function layoutOf(figure, { height }) {
  const given = figure.layout ?? {};
  const axes = Object.keys(given).filter((name) => /^[xy]axis\d*$/.test(name));
  const own = Object.fromEntries(["xaxis", "yaxis", ...axes].map((name) =>
    [name, axisOf(given[name] ?? {})]));
  return {
    autosize: true, margin: { l: 8, r: 12, t: 12, b: 8, pad: 4 },
    paper_bgcolor: "var(--paper)", plot_bgcolor: "var(--paper)",
    colorway: ["panel", "lineage", "random", "fusion", "fission", "other"]
      .map((name) => `var(--${name})`),
    hovermode: "closest", dragmode: false, showlegend: false,
    ...given, ...own, height,
    font: { family: FONT, size: 14, color: "var(--ink)", ...given.font },
    legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom",
      itemclick: false, itemdoubleclick: false, ...given.legend },
    hoverlabel: { bgcolor: "var(--paper)", bordercolor: "var(--ink)", align: "left",
      namelength: -1, font: { family: FONT, size: 14, color: "var(--ink)" }, ...given.hoverlabel },
  };
}

// Error bars would be dark grey, whatever the scheme.
export function tracesOf(figure) {
  return figure.data.map((trace) => ({ ...trace, ...Object.fromEntries(["error_x", "error_y"]
    .filter((name) => trace[name])
    .map((name) => [name, { color: "var(--ink)", thickness: 1.5, width: 3, ...trace[name] }])) }));
}

function axisOf(given) {
  const title = typeof given.title === "string" ? { text: given.title } : given.title;
  return {
    automargin: true, gridcolor: "var(--rule)", linecolor: "var(--soft)", zeroline: false,
    tickcolor: "var(--rule)", fixedrange: true, ...given,
    title: { standoff: 10, ...title, font: { size: 14, ...title?.font } },
    tickfont: { size: 13, color: "var(--soft)", ...given.tickfont },
  };
}

// The declarations of :root that stand in no media query.
function lightTokens() {
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (rule.selectorText === ":root" && rule.style.getPropertyValue("--paper")) return rule.style;
    }
  }
  return getComputedStyle(document.documentElement);
}
