// The words of a case: question, choices, answer, score.

function unseal(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

function paragraphs(into, text) {
  const parts = text.split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean);
  into.replaceChildren(...parts.map((part) => make("p", {}, part)));
}

function showCase() {
  const one = theCase();
  by("title").textContent = one.title;
  document.title = one.title;
  by("title").lang = by("text").lang = one.language;
  by("by").textContent = [one.category, one.author].filter(Boolean).join(" · ");
  by("by").hidden = !by("by").textContent;
  paragraphs(by("history"), one.history);
  by("history-part").hidden = !one.history;
  paragraphs(by("question"), one.question);
  showChoices();
  showAnswer();
  showStack();
  if (cases.length > 1) {
    by("count").textContent = `Case ${at + 1} of ${cases.length}`;
    by("previous").disabled = at === 0;
    by("next").disabled = at === cases.length - 1;
    showScore();
  }
}

function showChoices() {
  const { secret, chosen } = state();
  const field = by("choices");
  const rows = theCase().choices.map((choice, n) => {
    const input = make("input", { type: "radio", name: "choice", value: n });
    input.checked = chosen === n;
    input.disabled = secret !== null;
    input.onchange = () => { state().chosen = n; };
    const label = make("label");
    label.append(input, make("span", {}, choice));
    if (secret && secret.right === n) label.className = "right";
    if (secret && chosen === n && secret.right !== n) label.className = "wrong";
    return label;
  });
  field.replaceChildren(field.firstElementChild, ...rows);
  field.hidden = rows.length === 0;
}

function reveal() {
  if (state().secret) return;
  state().secret = unseal(theCase().sealed);
  if (theCase().choices.length) state().right = state().chosen === state().secret.right;
  showChoices();
  showAnswer();
  showStack();
  if (cases.length > 1) showScore();
  by("answer-part").scrollIntoView({ block: "start" });
}

function showAnswer() {
  const { secret, chosen } = state(), part = by("answer-part");
  by("reveal").hidden = secret !== null;
  part.replaceChildren();
  if (secret) {
    part.append(make("h2", {}, "Answer"));
    if (theCase().choices.length && chosen !== null) {
      const right = chosen === secret.right;
      part.append(make("p", { class: right ? "verdict right" : "verdict wrong" },
        right ? "✓ Right" : "✗ Not right"));
    }
    part.append(make("p", { class: "answer" }, secret.answer));
    if (!theCase().choices.length && cases.length > 1) part.append(ownVerdict());
    if (secret.discussion) {
      const told = make("div", { class: "told" });
      paragraphs(told, secret.discussion);
      part.append(make("h2", {}, "Discussion"), told);
    }
    if (secret.keywords.length) {
      part.append(make("p", { class: "soft" }, `Keywords: ${secret.keywords.join(", ")}`));
    }
  }
  showKeys();
}

// To an open question everybody judges their own answer.
function ownVerdict() {
  const row = make("div", { class: "row", role: "group", "aria-label": "Your own answer" });
  for (const [words, right] of [["I was right", true], ["I was not", false]]) {
    const pressed = state().right === right;
    const button = make("button", { type: "button", "aria-pressed": pressed }, words);
    button.onclick = () => {
      state().right = right;
      for (const one of row.children) one.setAttribute("aria-pressed", one === button);
      showScore();
    };
    row.append(button);
  }
  return row;
}

function showKeys() {
  const keys = allKeys();
  by("keys-part").hidden = keys.length === 0;
  by("keys").replaceChildren(...keys.map((key, n) => {
    const series = theCase().series[key.series];
    const words = key.caption || `${series.name}, slice ${series.slices[key.slice].number}`;
    const button = make("button", { type: "button" });
    const source = key.picture || series.pictures[0][key.slice];
    button.append(make("img", { src: source, alt: "" }), make("span", {}, words));
    button.setAttribute("aria-label", `Key image ${n + 1}: ${words}`);
    button.onclick = () => open(key);
    const row = make("li");
    row.append(button);
    return row;
  }));
}

function showScore() {
  const done = states.filter((one) => one.secret && one.right !== null);
  const right = done.filter((one) => one.right).length;
  by("score").textContent = done.length ? `Score ${right} of ${done.length}` : "";
}

function go(steps) {
  const to = at + steps;
  if (to < 0 || to >= cases.length) return;
  at = to;
  showCase();
  by("text").scrollTop = 0;
  by("title").focus();
}
