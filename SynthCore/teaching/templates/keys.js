// Keys, wheel and drag.

const ten = () => Math.max(1, Math.round(stack().slices.length / 10));

const KEYS = {
  ArrowDown: () => scroll(1),
  ArrowUp: () => scroll(-1),
  PageDown: () => scroll(ten()),
  PageUp: () => scroll(-ten()),
  Home: () => scroll(-Infinity),
  End: () => scroll(Infinity),
  ArrowRight: () => choose((state().series + 1) % theCase().series.length),
  ArrowLeft: () =>
    choose((state().series + theCase().series.length - 1) % theCase().series.length),
  Enter: reveal,
  r: reveal,
  b: () => toggle("compare", mayCompare()),
  t: toggleTruth,
  a: () => toggle("arrows", allKeys().some((key) => key.arrows.length)),
  f: () => { document.body.classList.toggle("alone"); fit(); },
  n: () => go(1),
  p: () => go(-1),
  "?": () => { by("help").open = !by("help").open; },
};
for (let n = 1; n <= 9; n += 1) KEYS[n] = () => chooseWindow(n - 1);

// A key that the element in focus has a meaning of its own for.
function meantForElement(event) {
  const element = event.target, name = element.tagName;
  if (event.key === "Enter") return name === "BUTTON" || name === "SUMMARY";
  const moves = /^(Arrow|Page|Home|End)/.test(event.key);
  return moves && (name === "INPUT" || element.id === "text");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || meantForElement(event)) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

let turned = 0; // a touchpad turns the wheel by small parts
by("stage").addEventListener("wheel", (event) => {
  event.preventDefault();
  if (event.ctrlKey) return;
  const whole = event.deltaMode === 0 ? 100 : 3;
  turned += event.deltaY / whole;
  const steps = Math.abs(event.deltaY) >= whole ? Math.sign(event.deltaY) : Math.trunc(turned * 4);
  if (steps) {
    turned = 0;
    scroll(steps);
  }
}, { passive: false });

let drag = null;
by("stage").addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  drag = { y: event.clientY, from: slice() };
  by("stage").setPointerCapture(event.pointerId);
});
by("stage").addEventListener("pointermove", (event) => {
  if (!drag) return;
  const step = Math.max(4, by("stage").clientHeight / stack().slices.length);
  scroll(drag.from + Math.round((event.clientY - drag.y) / step) - slice());
});
for (const name of ["pointerup", "pointercancel"]) {
  by("stage").addEventListener(name, () => { drag = null; });
}

by("reveal").onclick = reveal;
by("compare-button").onclick = KEYS.b;
by("truth-button").onclick = KEYS.t;
by("arrows-button").onclick = KEYS.a;
if (cases.length > 1) {
  by("previous").onclick = KEYS.p;
  by("next").onclick = KEYS.n;
}
new ResizeObserver(fit).observe(by("stage"));
showCase();
