// The page of the playground: asks models, shows what they found, and lets people correct it.
// Offsets are code points, as everywhere in the project; strings of a browser count UTF-16 units.
"use strict";

(() => {
  const at = id => document.getElementById(id);
  const say = document.body.dataset;
  const token = document.querySelector("meta[name=token]").content;
  const page = document.documentElement.lang;
  const points = text => [...text].length;

  let uploaded = []; // the documents of a file
  let subject = null; // {id, text, language}: what the sides below are about
  let sides = []; // one or two
  let asked = 0, shown = 0; // numbers of the last question and showing: what answers an earlier one is dropped

  async function ask(path, body) {
    let response;
    try {
      response = await fetch(path, { method: "POST", headers: { "X-Playground-Token": token }, body });
    } catch {
      throw new Error(say.unreachable);
    }
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }

  const askJson = (path, value) => ask(path, JSON.stringify(value));
  const tell = error => { at("trouble").textContent = error ? error.message : ""; };

  // Styles are set here, one by one, because the page's policy allows none within HTML.
  function put(element, html) {
    element.innerHTML = html;
    for (const styled of element.querySelectorAll("[data-style]")) styled.style.cssText = styled.dataset.style;
    const edge = element.getBoundingClientRect().right;
    for (const tag of element.querySelectorAll(".tag")) { // at the end of a line: moved to the left as far as is needed
      tag.style.left = `${Math.min(0, edge - tag.getBoundingClientRect().right)}px`;
    }
  }

  // ---- the question ----

  async function upload() {
    const file = at("file").files[0];
    if (!file) return;
    try {
      tell();
      uploaded = (await ask(`upload?name=${encodeURIComponent(file.name)}`, file)).documents;
      at("document").replaceChildren(...uploaded.map((one, number) => new Option(one.id, number)));
      at("documents").hidden = uploaded.length < 2;
      choose();
    } catch (error) {
      tell(error);
    }
  }

  function choose() {
    const one = uploaded[at("document").value];
    at("text").value = one.text;
    at("language").value = ["en", "zh"].includes(one.language) ? one.language : "";
  }

  async function find() {
    const mine = ++asked;
    const text = at("text").value, one = uploaded[at("document").value];
    const labels = at("labels").value.split(/[,，、;；]/).map(label => label.trim()).filter(Boolean);
    const question = { id: one && at("text").value === one.text.replace(/\r\n?/g, "\n") ? one.id : "text", text };
    if (at("language").value) question.language = at("language").value;
    const body = { documents: [question] };
    if (labels.length) body.labels = labels;
    if (at("threshold").value) body.threshold = Number(at("threshold").value);
    const chosen = [...new Set([at("model").value, at("second").value].filter(Boolean))];
    tell();
    subject = question;
    sides = chosen.map(makeSide);
    at("sides").replaceChildren(...sides.map(side => side.element));
    at("sides").className = sides.length > 1 ? "two" : "";
    at("differences").replaceChildren();
    await Promise.all(sides.map(side => predict(side, body, mine)));
    if (mine === asked) await show();
  }

  async function predict(side, body, mine) {
    const began = performance.now();
    side.status.textContent = say.working;
    try {
      const answer = await askJson(`predict?model=${encodeURIComponent(side.reference)}&page=${page}`, body);
      if (mine !== asked) return;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      subject.language = answer.language;
      side.labels = answer.labels;
      side.predicted = answer.spans;
      side.spans = [...answer.spans];
      side.status.textContent = say.found.replace("{n}", answer.spans.length).replace("{s}", seconds);
      side.type.replaceChildren(...Object.entries(answer.labels).map(([label, called]) => new Option(called, label)));
      side.form.hidden = false;
    } catch (error) {
      side.status.textContent = error.message;
      side.status.classList.add("trouble");
    }
  }

  // ---- what was found ----

  async function show() {
    const ready = sides.filter(side => side.spans);
    if (!ready.length) return;
    const mine = ++shown;
    try {
      const answer = await askJson("show", {
        text: subject.text,
        language: subject.language,
        sides: ready.map(({ labels, spans }) => ({ labels, spans })),
        page,
      });
      if (mine !== shown) return;
      ready.forEach((side, number) => put(side.shown, answer.sides[number]));
      put(at("differences"), answer.differences);
    } catch (error) {
      tell(error);
    }
  }

  function makeSide(reference) {
    const element = at("side").content.cloneNode(true).firstElementChild;
    const part = name => element.querySelector(`.${name}`);
    const side = {
      reference, element, shown: part("shown"), status: part("status"), form: part("correct"), words: part("words"),
      type: part("type"), outcome: part("outcome"), part,
      labels: null, // type -> how the page calls it
      predicted: null, spans: null,
      chosen: null, // the number of the span that is being changed
      place: null, // [start, end] of the words that were selected in the text
    };
    const option = at("model").querySelector(`option[value="${CSS.escape(reference)}"]`);
    element.querySelector("h2").textContent =
      option.text === reference ? reference : `${option.parentElement.label}, ${option.text}`;
    side.shown.addEventListener("click", event => pick(side, event.target));
    side.shown.addEventListener("keydown", event => {
      if (event.key === "Delete" && pick(side, event.target)) remove(side);
    });
    side.form.addEventListener("submit", event => {
      event.preventDefault();
      if (side.chosen === null) add(side); else change(side);
    });
    side.words.addEventListener("input", () => { side.place = null; });
    part("remove").addEventListener("click", () => remove(side));
    part("cancel").addEventListener("click", () => release(side));
    part("undo").addEventListener("click", () => changed(side, [...side.predicted]));
    part("send").addEventListener("click", () => send(side));
    return side;
  }

  // ---- corrections ----

  const wordsOf = span => [...subject.text].slice(span.start, span.end).join("");
  const same = (one, other) => one.start === other.start && one.end === other.end && one.label === other.label;

  function editing(side, number) {
    side.chosen = number;
    side.place = null;
    side.words.readOnly = number !== null;
    side.part("adding").hidden = number !== null;
    side.part("changing").hidden = number === null;
    side.outcome.textContent = "";
    for (const tag of side.shown.querySelectorAll(".tag")) {
      tag.setAttribute("aria-pressed", String(Number(tag.dataset.number) === number));
    }
  }

  function pick(side, element) {
    const tag = element.closest(".tag");
    if (!tag) return false;
    const number = Number(tag.dataset.number), span = side.spans[number];
    editing(side, number);
    side.words.value = wordsOf(span);
    side.type.value = span.label;
    return true;
  }

  function release(side) {
    editing(side, null);
    side.words.value = "";
  }

  async function changed(side, spans) {
    side.spans = spans;
    const still = spans.length === side.predicted.length && spans.every(one => side.predicted.some(two => same(one, two)));
    side.part("undo").disabled = still;
    release(side);
    await show();
  }

  async function remove(side) {
    const number = side.chosen;
    await changed(side, side.spans.filter((_, other) => other !== number));
    const tags = [...side.shown.querySelectorAll(".tag")]; // the keyboard goes on where it was
    (tags.find(tag => Number(tag.dataset.number) >= number) ?? tags.at(-1) ?? side.words).focus();
  }

  async function change(side) {
    const old = side.spans[side.chosen], fresh = { start: old.start, end: old.end, label: side.type.value, score: null };
    if (same(old, fresh)) return release(side);
    await changed(side, [...side.spans.filter(one => one !== old && !same(one, fresh)), fresh]);
    focusOn(side, fresh);
  }

  async function add(side) {
    const label = side.type.value, words = side.words.value;
    const place = side.place ?? nextPlace(side, words, label);
    if (!place || side.spans.some(one => same(one, { start: place[0], end: place[1], label }))) {
      side.outcome.textContent = say.not_there;
      return;
    }
    const fresh = { start: place[0], end: place[1], label, score: null };
    await changed(side, [...side.spans, fresh]);
    side.words.value = words;
    side.words.focus();
  }

  // The first place of the words that does not have this type yet.
  function nextPlace(side, words, label) {
    if (!words.trim()) return null;
    for (let from = subject.text.indexOf(words); from >= 0; from = subject.text.indexOf(words, from + 1)) {
      const start = points(subject.text.slice(0, from)), place = { start, end: start + points(words), label };
      if (!side.spans.some(one => same(one, place))) return [place.start, place.end];
    }
    return null;
  }

  function focusOn(side, span) {
    const number = side.spans.findIndex(one => same(one, span));
    side.shown.querySelector(`.tag[data-number="${number}"]`)?.focus();
  }

  function selected() {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    const side = sides.find(one => one.spans && one.shown.querySelector(".marked")?.contains(range.commonAncestorContainer));
    if (!side) return;
    const before = document.createRange();
    before.selectNodeContents(side.shown.querySelector(".marked"));
    before.setEnd(range.startContainer, range.startOffset);
    const raw = range.toString(), words = raw.trim();
    if (!words) return;
    const start = points(before.toString()) + points(raw) - points(raw.trimStart());
    editing(side, null);
    side.words.value = words;
    side.place = [start, start + points(words)];
  }

  async function send(side) {
    side.outcome.classList.remove("trouble");
    side.outcome.textContent = "";
    try {
      const answer = await askJson("review", {
        model: side.reference, id: subject.id, text: subject.text, language: subject.language,
        labels: Object.keys(side.labels), predicted: side.predicted, spans: side.spans,
      });
      side.outcome.textContent = `${answer.new ? say.kept : say.known} ${answer.file}; ${say.waiting} ${answer.waiting}`;
    } catch (error) {
      side.outcome.classList.add("trouble");
      side.outcome.textContent = error.message;
    }
  }

  at("file").addEventListener("click", () => { at("file").value = ""; }); // so that the same file can be chosen again
  at("file").addEventListener("change", upload);
  at("document").addEventListener("change", choose);
  at("question").addEventListener("submit", event => { event.preventDefault(); find(); });
  at("text").addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) at("question").requestSubmit();
  });
  document.addEventListener("selectionchange", selected);
})();
