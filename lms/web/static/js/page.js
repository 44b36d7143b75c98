// What every page can do with a little help: close the menu, and never send a form twice by an
// impatient second tap (the server would answer the same anyway).

const menu = document.querySelector(".bx-menu");

document.addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu?.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});

// open papers that were kept for reading without a network go with whom they were kept for
const forgetPapers = async () => {
  for (const name of await caches.keys()) if (name.startsWith("bixue-papers.")) await caches.delete(name);
};

if (globalThis.caches) {
  const out = document.querySelector(".bx-menu-out");
  if (out) out.addEventListener("submit", () => forgetPapers().catch(() => undefined));
  else forgetPapers().catch(() => undefined); // nobody is signed in
}

// a page that comes back from the browser's memory may be sent again
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
