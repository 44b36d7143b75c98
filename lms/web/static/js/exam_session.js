// An exam session: counts down to its opening, or keeps the monitor fresh.
// Without this script the pages say the time, and have a button or a reload that do the same.

const SECOND = 1000; // milliseconds
const opening = document.querySelector("[data-opens]");
const watch = document.getElementById("watch");

if (opening) {
  // by the server's clock: a phone's own may be wrong
  const ahead = Date.parse(opening.dataset.now) - Date.now();
  const opens = Date.parse(opening.dataset.opens);
  const tick = () => {
    const left = Math.max(Math.ceil((opens - Date.now() - ahead) / SECOND), 0);
    if (left === 0) {
      // a room of thousands does not ask in the same instant
      setTimeout(() => location.reload(), Math.random() * 3 * SECOND);
      return;
    }
    const parts = { h: Math.floor(left / 3600), m: Math.floor(left / 60) % 60, s: left % 60 };
    opening.textContent = opening.dataset.words.replace(/\{(\w)\}/g, (_all, name) => parts[name]);
    setTimeout(tick, SECOND);
  };
  tick();
}

if (watch) {
  const every = Number(watch.dataset.every) * SECOND;
  let pause = every;
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (!answer.ok || answer.redirected) return; // signed out: the reader will see on reload
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("watch");
        if (fresh) document.getElementById("watch").replaceChildren(...fresh.childNodes);
        pause = every;
      } catch {
        pause = Math.min(pause * 2, 120 * SECOND); // the network is away: ask less often
      }
    }
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}
