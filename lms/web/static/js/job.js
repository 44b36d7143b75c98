// Watches a job: asks how far it is, moves the bar, and loads the page anew when the job is over.
// Without this script the page has a link that does the same.

const place = document.querySelector("[data-job]");
const SECOND = 1000; // milliseconds
let pause = SECOND;

async function look() {
  let told;
  try {
    const answer = await fetch(place.dataset.job, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    told = await answer.json();
    pause = SECOND;
  } catch {
    pause = Math.min(pause * 2, 30 * SECOND); // the network is away: ask less often
    setTimeout(look, pause);
    return;
  }
  if (!told.open) {
    location.reload();
    return;
  }
  const bar = place.querySelector("progress");
  bar.value = told.percent;
  bar.textContent = `${told.percent}%`;
  place.querySelector("[data-percent]").textContent = `${told.percent}%`;
  place.querySelector("[data-message]").textContent = told.message;
  place.querySelector("[data-counted]").textContent = told.total ? `${told.done} / ${told.total}` : "";
  setTimeout(look, pause);
}

if (place) setTimeout(look, pause);
