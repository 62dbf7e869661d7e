// Keeps an open page current: hears from /events when to look, asks the page's twin, changes what changed.

import { forgetForms, show } from "./charts.js";

const root = document.documentElement;
const pulse = document.getElementById("pulse");
const dark = matchMedia("(prefers-color-scheme: dark)");
const gone = `gone ${location.pathname}${location.search}`;
const shown = new Map(); // element id → the markup last put there

let events = null;
let looking = false;
let lookAgain = false;

function setPulse(state, words) {
  pulse.className = `pulse is-${state}`;
  pulse.parentElement.title = words;
}

// Replace an element's inside, and give the keyboard its place back.
function fill(id, markup) {
  const element = document.getElementById(id);
  if (!element || shown.get(id) === markup) return;
  shown.set(id, markup);
  const focusable = "a, summary";
  const focused = element.contains(document.activeElement)
    ? [...element.querySelectorAll(focusable)].indexOf(document.activeElement)
    : -1;
  const open = new Map([...element.querySelectorAll("details")].map((details, index) => [details.id || index, details.open]));
  element.innerHTML = markup;
  element.querySelectorAll("details").forEach((details, index) => (details.open = open.get(details.id || index) ?? false));
  if (focused >= 0) element.querySelectorAll(focusable)[focused]?.focus({ preventScroll: true });
}

async function lookOnce() {
  const address = new URL(root.dataset.twin, location.href);
  address.searchParams.set("live", dark.matches ? "dark" : "light");
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  if (!answer.ok) {
    // What the page shows is gone: its own address tells how. If that still shows it, once is enough.
    if (answer.status === 404 && !sessionStorage.getItem(gone)) {
      sessionStorage.setItem(gone, "reloaded");
      location.reload();
    }
    throw new Error(`${answer.status}`);
  }
  sessionStorage.removeItem(gone);
  const now = await answer.json();
  if (now.layout !== root.dataset.layout) {
    location.reload();
    return;
  }
  document.title = now.title;
  for (const [id, markup] of Object.entries(now.parts)) fill(id, markup);
  await Promise.all(Object.entries(now.charts).map(([id, spec]) => show(id, spec)));
  root.dataset.looks = Number(root.dataset.looks ?? 0) + 1;
}

// One look at a time; what is asked for meanwhile becomes one more.
async function look() {
  if (looking) {
    lookAgain = true;
    return;
  }
  looking = true;
  try {
    do {
      lookAgain = false;
      await lookOnce();
    } while (lookAgain);
    setPulse("live", "live");
  } catch (error) {
    setPulse("lost", "no answer from the engine; trying again");
    if (!(error instanceof TypeError) && !/^\d+$/.test(error.message)) throw error;
  } finally {
    looking = false;
  }
}

function listen() {
  if (events || document.hidden) return;
  events = new EventSource(root.dataset.events);
  events.addEventListener("open", look);
  events.addEventListener("tick", look);
  events.addEventListener("change", look);
  events.addEventListener("error", () => {
    setPulse("lost", "no answer from the engine; trying again");
    if (events?.readyState === EventSource.CLOSED) {
      events = null;
      setTimeout(listen, 2000);
    }
  });
}

// A hidden page asks for nothing: a browser grants few connections, and nobody looks.
function rest() {
  events?.close();
  events = null;
}

document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
addEventListener("pagehide", rest);
addEventListener("pageshow", listen);
dark.addEventListener("change", () => {
  forgetForms();
  look();
});
listen();
