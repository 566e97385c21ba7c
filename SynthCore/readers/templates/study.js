"use strict";
// One reader's way through a study. The data come with the page; pictures and truth only where the
// page is served are asked for one by one. Nothing else is ever requested.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const fieldsets = [...document.querySelectorAll("#questions fieldset")];
let store, screen = "intro", item = null, given = {}, current = 0, busy = false, revealed = false;
let answered = {}, seen = {}, slices = [], slice = 0, before = 0, since = null, coming = null;

// ---- where answers go

const served = {
  async begin() {
    const state = await (await asked("state")).json();
    answered = state.answered; seen = state.seen;
  },
  async save(answer) {
    const reply = await asked("answer", answer);
    return (await reply.json()).reveal;
  },
  noteSeen(name, seconds) {
    fetch("seen", { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ item: name, seconds }) }).catch(() => {});
  },
  async pictures(name) { return (await (await asked("item/" + name)).json()).slices; },
};

async function asked(where, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" } };
  let reply;
  try { reply = await fetch(where, { cache: "no-store", ...options }); } catch {
    throw new Error("Not saved: the program that serves this page has stopped. Start it again with the same reader; it gives a new address.");
  }
  if (!reply.ok) throw new Error((await reply.json().catch(() => ({}))).error || "Not saved; load the page again.");
  return reply;
}

const local = {
  key: "", reader: "", answers: [],
  begin() {
    const name = $("reader").value.trim();
    if (!/^[A-Za-z0-9][A-Za-z0-9 _-]{0,39}$/.test(name)) {
      $("reader").focus();
      throw new Error("Give a name of letters without accents, digits, - or _, such as reader-1.");
    }
    const named = (mode) => ["synthcore-readers", data.study, mode, name.toLowerCase()].join(":");
    if (!data.teach && this.stored(named("teach")).answers.length)
      throw new Error("This reader was taught with this study and knows the truth: blinded answers would not count.");
    this.reader = name;
    this.key = named(data.teach ? "teach" : "");
    this.answers = []; seen = {};
    this.merge();
    if (this.answers.length) this.reader = this.answers[0].reader; // one spelling in one file
  },
  stored(key) {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(key)); } catch { kept = null; }
    return { answers: kept && Array.isArray(kept.answers) ? kept.answers : [], seen: (kept && kept.seen) || {} };
  },
  merge() { // another tab of this page may have kept more: the first answer to an item counts
    const kept = this.stored(this.key);
    const there = new Set(kept.answers.map((one) => one.item));
    this.answers = [...kept.answers, ...this.answers.filter((one) => !there.has(one.item))];
    answered = Object.fromEntries(this.answers.map((one) => [one.item, one.seconds]));
    for (const name in kept.seen) seen[name] = Math.max(seen[name] || 0, kept.seen[name]);
    for (const name in answered) delete seen[name];
  },
  keep() {
    this.merge();
    try { localStorage.setItem(this.key, JSON.stringify({ answers: this.answers, seen })); return true; } catch { return false; }
  },
  save(answer) {
    this.merge();
    if (answer.item in answered) throw new Error("Another window answered this one, and its answer stays: load the page again.");
    this.answers.push({ study: data.study, reader: this.reader, ...answer, taught: data.teach });
    if (!this.keep()) say("This browser keeps nothing: do not close the page before the end.");
    return data.teach ? JSON.parse(uncovered(data.reveals[answer.item], data.study + answer.item)) : null;
  },
  noteSeen(name, seconds) { seen[name] = seconds; this.keep(); },
  pictures(name) { return data.pictures[name]; },
};

// not a secret, only not to be read by accident: xor with numbers that the text's name begins
function uncovered(text, name) {
  let x = 2166136261;
  for (const letter of name) x = Math.imul(x ^ letter.charCodeAt(0), 16777619);
  x |= 1;
  const bytes = Uint8Array.from(atob(text), (letter) => {
    x ^= x << 13; x ^= x >>> 17; x ^= x << 5;
    return letter.charCodeAt(0) ^ (x & 255);
  });
  return new TextDecoder().decode(bytes);
}

// ---- time: of what is seen, not of what is open

function run() { if (since === null && screen === "case" && !revealed && !document.hidden) since = performance.now(); }
function pause() { if (since !== null) { before += (performance.now() - since) / 1000; since = null; } }
function leave() {
  pause();
  if (screen !== "case" || revealed || busy || !item || item in answered || !(before > 0)) return;
  store.noteSeen(item, Math.round(before * 1000) / 1000);
}
// what ends a browser or the program asks nobody before
setInterval(() => { if (since !== null) { leave(); run(); } }, 3000);
document.addEventListener("visibilitychange", () => document.hidden ? leave() : run());
addEventListener("pagehide", leave);

// ---- pictures

async function decoded(texts) {
  return Promise.all(texts.map(async (text) => {
    const picture = new Image();
    picture.src = "data:image/png;base64," + text;
    await picture.decode();
    return picture;
  }));
}
async function load(name) { return decoded(await store.pictures(name)); }

function draw() {
  const canvas = $("canvas");
  const picture = slices[slice];
  if (!picture) return;
  canvas.width = picture.naturalWidth; canvas.height = picture.naturalHeight;
  canvas.getContext("2d").drawImage(picture, 0, 0);
  $("slice").textContent = slices.length > 1 ? `Slice ${slice + 1} of ${slices.length}` : "One slice";
  $("slider").hidden = slices.length < 2;
  $("slider").max = slices.length - 1;
  $("slider").value = slice;
  const place = revealed && revealed.place;
  $("clue").hidden = !(place && place[0] === slice);
}
function scroll(step) {
  const next = Math.min(Math.max(slice + step, 0), slices.length - 1);
  if (slices.length && next !== slice) { slice = next; draw(); }
}

// ---- one case

function say(text) { $("message").textContent = text; }

async function open() {
  if (store.merge) store.merge();
  item = data.items.find((name) => !(name in answered)) || null;
  progress();
  if (!item) { finish(); return; }
  pause(); before = seen[item] || 0; given = {}; current = 0; revealed = false;
  $("comment").value = ""; $("questions").hidden = false; $("reveal").hidden = true;
  $("truth-mark").hidden = true; $("clue").hidden = true;
  show("case");
  marks();
  const ready = coming && coming.name === item ? coming.slices : load(item);
  try { slices = await ready; } catch (error) { coming = null; say(error.message || "The picture cannot be shown; load the page again."); return; }
  slice = Math.floor(slices.length / 2);
  draw();
  document.body.dataset.item = item;
  run();
  const following = data.items.find((name) => !(name in answered) && name !== item);
  coming = following ? { name: following, slices: load(following) } : null;
  if (coming) coming.slices.catch(() => {});
}

function marks() {
  fieldsets.forEach((one, n) => {
    one.classList.toggle("current", n === current);
    for (const button of one.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(given[one.dataset.name] === Number(button.dataset.value)));
  });
  const left = fieldsets.filter((one) => !(one.dataset.name in given)).length;
  $("next").classList.toggle("waiting", left > 0 && !revealed);
}
function choose(n, value) {
  if (revealed || busy || value < 1 || value > Number(fieldsets[n].dataset.most)) return;
  given[fieldsets[n].dataset.name] = value;
  say("");
  const order = [...fieldsets.keys()].map((step) => (n + step) % fieldsets.length);
  const open_ = order.find((one) => !(fieldsets[one].dataset.name in given));
  current = open_ === undefined ? -1 : open_;
  marks();
}

async function next() {
  if (busy || !item) return;
  if (revealed) { await open(); return; }
  if (!slices.length || document.body.dataset.item !== item) return;
  const missing = fieldsets.findIndex((one) => !(one.dataset.name in given));
  if (missing >= 0) {
    current = missing; marks();
    say("Answer first: " + fieldsets[missing].querySelector("legend").textContent);
    return;
  }
  busy = true; pause();
  const answer = { item, ...given, seconds: Math.round(before * 1000) / 1000,
    comment: $("comment").value.trim().replace(/\s+/g, " "), answered: new Date().toISOString() };
  try {
    say("");
    const told = await store.save(answer);
    answered[item] = answer.seconds; delete seen[item];
    if (told) reveal(told, answer);
  } catch (error) { say(error.message); busy = false; run(); return; }
  busy = false;
  if (!revealed) await open();
}

function reveal(told, answer) {
  revealed = told;
  const synthetic = told.truth === "synthetic";
  const right = synthetic === (answer.confidence >= data.syntheticFrom);
  $("reveal-truth").textContent = synthetic ? "It is SYNTHETIC." : "It is real.";
  $("reveal-truth").className = right ? "right" : "wrong";
  $("reveal-said").textContent = `You said ${data.confidence[answer.confidence - 1]}: ${right ? "right" : "wrong"}.`;
  $("reveal-clue").textContent = told.clue || "No clue was written for this image.";
  $("truth-mark").textContent = synthetic ? "SYNTHETIC" : "acquired";
  $("truth-mark").hidden = false;
  if (told.place) {
    slice = told.place[0];
    $("clue").style.left = 100 * (told.place[2] + 0.5) / data.pixels[2] + "%";
    $("clue").style.top = 100 * (told.place[1] + 0.5) / data.pixels[1] + "%";
  }
  $("questions").hidden = true; $("reveal").hidden = false;
  document.activeElement.blur();
  marks(); draw(); progress();
}

function progress() {
  const times = Object.values(answered).sort((a, b) => a - b);
  const left = data.items.length - times.length;
  const at = Math.min(times.length + (revealed ? 0 : 1), data.items.length);
  let text = left || revealed ? `Case ${at} of ${data.items.length}` : `All ${data.items.length} answered`;
  if (times.length >= 3 && left) {
    const minutes = times[Math.floor(times.length / 2)] * left / 60;
    text += minutes < 1 ? ", less than a minute left" : `, about ${Math.round(minutes)} min left`;
  }
  $("progress").textContent = screen === "intro" ? "" : text;
  $("done").style.width = 100 * times.length / data.items.length + "%";
}

function show(name) {
  screen = name;
  for (const one of ["intro", "case", "end"]) $(one).hidden = one !== name;
  progress();
}

async function start() {
  if (busy || screen !== "intro") return;
  busy = true;
  try { $("intro-message").textContent = ""; await store.begin(); } catch (error) {
    $("intro-message").textContent = error.message; busy = false; return;
  }
  busy = false;
  document.activeElement.blur();
  await open();
}

function finish() {
  pause(); show("end");
  const total = Object.values(answered).reduce((sum, one) => sum + one, 0);
  $("end-said").textContent = `All ${data.items.length} cases are answered, in ${Math.max(1, Math.round(total / 60))} min.`;
  document.body.dataset.item = "";
}

// ---- what a reader takes along from a page that is not served

function save(name, kind, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: kind }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
function cell(value) {
  let text = String(value);
  if (/^[=+\-@]/.test(text)) text = "'" + text;
  return /[",\n']/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
}
function csv() {
  const rows = local.answers.map((one) => data.fields.map((name) => cell(one[name])).join(","));
  return [data.fields.join(","), ...rows].join("\r\n") + "\r\n";
}
const fileName = () => `reader-${local.reader.toLowerCase().replace(/ /g, "_")}-${data.study}`;

// ---- hands

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const typing = event.target.tagName === "INPUT" && event.target.type !== "range";
  if (screen === "intro") {
    if (event.key === "Enter") { event.preventDefault(); start(); }
    return;
  }
  if (screen !== "case") return;
  if (typing) {
    if (event.key === "Enter" || event.key === "Escape") { event.preventDefault(); event.target.blur(); }
    return;
  }
  const step = { ArrowUp: -1, PageUp: -1, ArrowDown: 1, PageDown: 1 }[event.key];
  if (step) { event.preventDefault(); scroll(step); }
  else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    if (revealed) return;
    event.preventDefault();
    const from = current < 0 ? (event.key === "ArrowRight" ? -1 : fieldsets.length) : current;
    current = Math.min(Math.max(from + (event.key === "ArrowRight" ? 1 : -1), 0), fieldsets.length - 1);
    marks();
  } else if (/^[1-9]$/.test(event.key)) {
    if (event.repeat) return;
    if (current >= 0) choose(current, Number(event.key));
    else if (!revealed) say("All four are answered: Enter goes on, left and right go back to one.");
  }
  else if (event.key === "Enter") {
    const on = event.target.closest("fieldset");
    const complete = fieldsets.every((one) => one.dataset.name in given);
    if (on && !complete) return; // the button itself
    event.preventDefault();
    if (!event.repeat) next();
  } else if (event.key.toLowerCase() === "c" && !revealed) { event.preventDefault(); $("comment").focus(); }
});
fieldsets.forEach((one, n) => one.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) choose(n, Number(button.dataset.value)); else { current = n; marks(); }
}));
let turned = 0;
$("stage").addEventListener("wheel", (event) => {
  event.preventDefault();
  turned += event.deltaY * (event.deltaMode ? 30 : 1);
  while (Math.abs(turned) >= 30) { scroll(Math.sign(turned)); turned -= 30 * Math.sign(turned); if (Math.abs(turned) > 90) turned = 0; }
}, { passive: false });
let drag = null;
$("picture").addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  drag = { y: event.clientY, from: slice };
  $("picture").setPointerCapture(event.pointerId);
});
$("picture").addEventListener("pointermove", (event) => {
  if (!drag || slices.length < 2) return;
  const step = Math.max(4, $("picture").clientHeight / slices.length);
  scroll(drag.from + Math.round((event.clientY - drag.y) / step) - slice);
});
for (const name of ["pointerup", "pointercancel"]) $("picture").addEventListener(name, () => { drag = null; });
$("slider").addEventListener("input", () => scroll(Number($("slider").value) - slice));
$("stage").addEventListener("contextmenu", (event) => event.preventDefault());
$("next").addEventListener("click", next);
$("start").addEventListener("click", start);
if (!data.served) {
  $("csv").addEventListener("click", () => save(fileName() + ".csv", "text/csv", csv()));
  $("json").addEventListener("click", () => save(fileName() + ".json", "application/json", JSON.stringify({ answers: local.answers }, null, 1)));
  $("reader").focus();
}
$("picture").style.setProperty("--ratio", String(data.pixels[2] / data.pixels[1]));
store = data.served ? served : local;
