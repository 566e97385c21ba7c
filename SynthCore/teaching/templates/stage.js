"use strict";
// What is shown, and the images. Text is only ever set as text, never as markup.

const cases = JSON.parse(document.getElementById("cases").textContent);
const by = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const LONG = 1000; // of the drawing over a picture, longer side

function begin(one) {
  const first = one.keys[0];
  return {
    series: first ? first.series : 0,
    slice: one.series.map((series, n) =>
      first && first.series === n ? first.slice : Math.floor(series.slices.length / 2)),
    window: one.series.map(() => 0),
    compare: false,
    truth: false,
    arrows: true,
    key: first || null,
    secret: null, // what was sealed, once it is revealed
    chosen: null,
    right: null,
  };
}

const states = cases.map(begin);
let at = 0;
const theCase = () => cases[at];
const state = () => states[at];
const stack = () => theCase().series[state().series];
const slice = () => state().slice[state().series];

function make(name, attributes, text) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function drawing(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function mayCompare() {
  const other = stack().compare;
  return other !== null && (other.shown === "question" || state().secret !== null);
}

function maySeeTruth() {
  return state().secret !== null && stack().truth !== null;
}

function allKeys() {
  return theCase().keys.concat(state().secret ? state().secret.keys : []);
}

// The key image that is open, while its slice is the one that is shown.
function openKey() {
  const key = state().key;
  return key && key.series === state().series && key.slice === slice() ? key : null;
}

function arrowsHere() {
  return allKeys()
    .filter((key) => key.series === state().series && key.slice === slice())
    .flatMap((key) => key.arrows);
}

function scroll(steps) {
  const last = stack().slices.length - 1;
  state().slice[state().series] = Math.min(last, Math.max(0, slice() + steps));
  showSlice();
}

// Another series opens at the slice nearest to where one was, if it is cut the same way and has
// one there.
function choose(number) {
  const before = stack(), place = before.slices[slice()].place;
  state().series = number;
  const slices = stack().slices, away = slices.map((one) => Math.abs(one.place - place));
  const nearest = away.indexOf(Math.min(...away));
  const reach = 2 * Math.abs(slices[0].place - slices[slices.length - 1].place) / slices.length;
  if (stack().plane === before.plane && away[nearest] <= reach) state().slice[number] = nearest;
  showStack();
}

function chooseWindow(number) {
  if (number >= stack().windows.length) return;
  state().window[state().series] = number;
  state().key = null;
  showStack();
}

function toggle(what, may) {
  if (!may) return;
  state()[what] = !state()[what];
  showStack();
}

// Where the slice has nothing of the truth, the middle one of those that have some is shown.
function toggleTruth() {
  toggle("truth", maySeeTruth());
  if (!maySeeTruth() || !state().truth || stack().truth[slice()]) return;
  const there = stack().truth.flatMap((one, n) => (one ? [n] : []));
  if (!there.length) return;
  state().slice[state().series] = there[Math.floor(there.length / 2)];
  showSlice();
}

function open(key) {
  state().series = key.series;
  state().slice[key.series] = key.slice;
  state().compare = false;
  state().arrows = true;
  state().key = key;
  showStack();
}

function showStack() {
  const rows = by("series");
  rows.replaceChildren(...theCase().series.map((series, n) => {
    const button = make("button", { type: "button", "aria-pressed": n === state().series });
    button.textContent = series.name;
    button.onclick = () => choose(n);
    return button;
  }));
  rows.hidden = theCase().series.length < 2;
  const windows = stack().windows;
  by("windows").replaceChildren(...windows.map((one, n) => {
    const pressed = n === state().window[state().series] && !ownWindow();
    const button = make("button", {
      type: "button", "aria-pressed": pressed, title: one.label, "aria-keyshortcuts": n + 1,
    });
    button.append((one.name || one.label) + " ", make("kbd", {}, String(n + 1)));
    button.onclick = () => chooseWindow(n);
    return button;
  }));
  by("windows").hidden = windows.length < 2;
  if (!mayCompare()) state().compare = false;
  press("compare-button", mayCompare(), state().compare,
    mayCompare() ? stack().compare.name : "", "b");
  press("truth-button", maySeeTruth(), state().truth,
    maySeeTruth() ? state().secret.truth : "", "t");
  showSlice();
}

function press(id, there, pressed, words, key) {
  const button = by(id);
  button.hidden = !there;
  button.setAttribute("aria-pressed", pressed);
  button.replaceChildren(words + " ", make("kbd", {}, key));
}

function ownWindow() {
  const key = openKey();
  return key && key.picture && !state().compare ? key : null;
}

function showSlice() {
  const series = stack(), here = series.slices[slice()], shown = state().compare;
  const from = shown ? series.compare : series, own = ownWindow();
  const window_ = own ? own.window : series.windows[state().window[state().series]];
  by("picture").src = own ? own.picture : from.pictures[state().window[state().series]][slice()];
  const over = state().truth && maySeeTruth() ? series.truth[slice()] : null;
  by("truth").hidden = !over;
  if (over) by("truth").src = over; else by("truth").removeAttribute("src");
  by("mark").hidden = !from.synthetic;
  const words = [series.name];
  if (shown) words.push(series.compare.name);
  words.push(window_.name ? `${window_.name} (${window_.label})` : window_.label);
  words.push(`slice ${here.number} of ${series.of}`, here.text);
  by("which").textContent = words.join(" · ");
  const stage = by("stage");
  stage.setAttribute("aria-label", `${from.synthetic ? "Synthetic " : ""}${series.name} slices`);
  stage.setAttribute("aria-valuemin", 1);
  stage.setAttribute("aria-valuemax", series.slices.length);
  stage.setAttribute("aria-valuenow", slice() + 1);
  stage.setAttribute("aria-valuetext", words.join(", "));
  const arrows = arrowsHere();
  press("arrows-button", allKeys().some((key) => key.arrows.length), state().arrows, "Arrows", "a");
  draw(series, state().arrows && !shown ? arrows : []);
  fit();
}

function draw(series, arrows) {
  const longer = Math.max(series.width, series.height);
  const width = (LONG * series.width) / longer, height = (LONG * series.height) / longer;
  const [left, right, top, bottom] = series.letters;
  const side = (x, y, anchor, text) =>
    drawing("text", { x, y, "text-anchor": anchor, class: "side" }, text);
  const parts = [
    side(14, height / 2 + 12, "start", left), side(width - 14, height / 2 + 12, "end", right),
    side(width / 2, 40, "middle", top), side(width / 2, height - 16, "middle", bottom),
  ];
  for (const arrow of arrows) {
    const [x0, y0, x1, y1] = [
      arrow.tail[0] * width, arrow.tail[1] * height, arrow.head[0] * width, arrow.head[1] * height,
    ];
    const long = Math.hypot(x1 - x0, y1 - y0), dx = (x1 - x0) / long, dy = (y1 - y0) / long;
    const [bx, by_] = [x1 - 34 * dx, y1 - 34 * dy];
    const head = [[x1, y1], [bx - 15 * dy, by_ + 15 * dx], [bx + 15 * dy, by_ - 15 * dx]];
    const line = { x1: x0, y1: y0, x2: bx, y2: by_ };
    const points = head.map((point) => point.join(",")).join(" ");
    parts.push(
      drawing("line", { ...line, class: "rim" }), drawing("polygon", { points, class: "rim" }),
      drawing("line", { ...line, class: "arrow" }), drawing("polygon", { points, class: "head" }),
    );
    if (arrow.label) parts.push(words(arrow.label, [x0, y0], [dx, dy], [width, height]));
  }
  const svg = by("drawn");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(...parts);
}

// Words at the tail of an arrow: beside it where there is room, else above or below.
const LINE = 40, paper = document.createElement("canvas").getContext("2d");
const length = (text) => paper.measureText(text).width;
function words(text, [x, y], [dx, dy], [width, height]) {
  paper.font = `700 36px ${getComputedStyle(by("drawn")).fontFamily}`;
  const lines = wrapped(text, width - 36), more = LINE * (lines.length - 1);
  const long = Math.max(...lines.map(length)), toLeft = dx > 0;
  const beside = Math.abs(dx) > 0.5 && (toLeft ? x - long > 12 : x + long < width - 12);
  const place = beside
    ? { x: toLeft ? x - 14 : x + 14, y: y + 13 - more / 2, "text-anchor": toLeft ? "end" : "start" }
    : {
        x: Math.min(width - 12 - long / 2, Math.max(12 + long / 2, x)),
        y: dy > 0 ? y - 16 - more : y + 44,
        "text-anchor": "middle",
      };
  place.y = Math.max(36, Math.min(height - 12 - more, place.y));
  const made = drawing("text", { ...place, class: "words" });
  lines.forEach((line, n) => made.append(drawing("tspan", { x: place.x, dy: n && LINE }, line)));
  return made;
}

// Lines of at most such a length, broken between words where that is possible.
function wrapped(text, most) {
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    let rest = word;
    if (line && length(`${line} ${rest}`) <= most) rest = `${line} ${rest}`;
    else if (line) lines.push(line);
    for (line = rest; length(line) > most; ) {
      let part = line;
      while (part.length > 1 && length(part) > most) part = part.slice(0, -1);
      lines.push(part);
      line = line.slice(part.length);
    }
  }
  return line ? [...lines, line] : lines;
}

// The largest frame of the picture's shape that the stage holds.
function fit() {
  const room = by("stage"), ratio = stack().width / stack().height;
  const width = Math.min(room.clientWidth, room.clientHeight * ratio);
  by("frame").style.width = `${width}px`;
  by("frame").style.height = `${width / ratio}px`;
}
