// Draws the charts of a page with vega-embed, and later puts new data into what is drawn.

const drawn = new Map(); // element id → { form, view, embedded }
let library = null;

// The library arrives once, and only on pages that draw. The interpreter keeps the page free of eval.
function embed(element, spec) {
  library ??= import(document.documentElement.dataset.vega);
  return library.then(() =>
    window.vegaEmbed(element, spec, {
      mode: "vega-lite",
      renderer: "svg",
      actions: false,
      ast: true,
      logLevel: 1, // errors only: a line without points yet is worth no warning
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true },
    }),
  );
}

// What a chart is apart from its data and the moment it shows.
function formOf({ datasets, params, ...form }) {
  return JSON.stringify(form);
}

export async function show(id, spec) {
  const element = document.getElementById(`${id}-chart`);
  if (!element) return;
  const form = formOf(spec);
  const before = drawn.get(id);
  if (before?.form === form) {
    for (const { name, value } of spec.params) before.view.signal(name, value);
    for (const [name, rows] of Object.entries(spec.datasets)) before.view.data(name, rows);
    await before.view.runAsync();
    return;
  }
  // The new chart is made aside and swapped in whole, so that nothing flickers.
  const stage = document.createElement("div");
  stage.className = "stage";
  stage.style.height = `${element.clientHeight}px`;
  stage.style.width = `${element.clientWidth}px`;
  stage.style.position = "fixed";
  stage.style.visibility = "hidden";
  document.body.append(stage);
  try {
    const embedded = await embed(stage, spec);
    before?.embedded.finalize();
    stage.removeAttribute("style");
    element.replaceChildren(stage);
    drawn.set(id, { form, view: embedded.view, embedded });
  } catch (error) {
    stage.remove();
    throw error;
  }
}

// Forget how the charts look, so that the next data draws them anew: the theme changed.
export function forgetForms() {
  for (const chart of drawn.values()) chart.form = null;
}
