// Plotly, fetched from this service once, by the first page that draws.

let loading = null;

// Answers with Plotly; fails with an Error that says what to do.
export function loadPlotly() {
  loading ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = document.querySelector('meta[name="plotly"]').content;
    script.async = true;
    script.onload = () => done(window.Plotly);
    script.onerror = () => {
      loading = null;
      script.remove();
      fail(new Error("The program that draws plots could not be fetched. Load the page again; " +
        "the tables hold the same numbers."));
    };
    document.head.append(script);
  });
  return loading;
}
