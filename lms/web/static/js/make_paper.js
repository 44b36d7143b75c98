// Says while a practice paper is being made whether the question bank can fill it. Without this
// script a button of the form does the same.

const form = document.querySelector("form[data-check]");
const place = form?.querySelector("[data-verdict]");
const PAUSE = 400; // milliseconds after the last key
let waiting;
let asked = 0;

function element(name, look, ...inside) {
  const made = document.createElement(name);
  if (look) made.className = look;
  made.append(...inside);
  return made;
}

function show({ words, short }) {
  const parts = [element("p", "mb-1", element("strong", "", words))];
  if (short.length) {
    parts.push(element("ul", "mb-0", ...short.map((cell) => element("li", "", cell))));
  }
  place.replaceChildren(...parts);
}

async function look() {
  const values = new FormData(form);
  values.delete("csrf_token");
  const mine = ++asked;
  try {
    const answer = await fetch(`${form.dataset.check}?${new URLSearchParams(values)}`);
    if (!answer.ok || mine !== asked) return; // a later question is on its way
    show(await answer.json());
  } catch {
    // the network is away: the button still asks, and publishing checks again
  }
}

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE);
});
