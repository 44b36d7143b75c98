// The editor of questions: what is typed is shown as learners will see it, a moment later. The
// server renders it; nothing is kept. Without this module the button "preview" does the same.

const PAUSE_MS = 500;

const form = document.querySelector("#editor");
const shown = document.querySelector("#preview");
const state = document.querySelector("#preview-state");
let timer = 0;
let asking = null;

async function show() {
  asking?.abort();
  asking = new AbortController();
  const body = new FormData(form);
  state.textContent = form.dataset.waiting;
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body, signal: asking.signal });
    // 422: it cannot be read yet, and says why; a redirect: whoever writes is signed out
    if (answer.redirected || (!answer.ok && answer.status !== 422)) throw new Error("not shown");
    const chosen = new Set([...shown.querySelectorAll("input:checked")].map((input) => input.id));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    shown.replaceChildren(...page.body.childNodes);
    for (const input of shown.querySelectorAll("input")) input.checked = chosen.has(input.id);
    state.textContent = "";
  } catch (fault) {
    if (fault.name !== "AbortError") state.textContent = form.dataset.failed;
  }
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE_MS);
});

// what was typed and not kept is not lost by a wrong tap
let changed = false;
form.addEventListener("input", () => (changed = true));
form.addEventListener("submit", () => (changed = false));
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
