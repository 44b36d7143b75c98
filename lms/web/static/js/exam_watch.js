// How long each question of an open paper is in view: measured here, sent with the answers that are
// sent anyway, never in a request of its own. The numbers are sums that only grow, so what the server
// hears twice or late does no harm.

const IDLE_MS = 120_000; // who does nothing for so long is not reading
const LONGEST_MS = 2000; // more between two ticks: the device slept
const SIGNS = ["scroll", "pointerdown", "pointermove", "keydown", "touchstart"];

const word = () => [...crypto.getRandomValues(new Uint32Array(2))].map((n) => n.toString(36)).join("").slice(0, 8);

export class Watch {
  #ms; // slot -> milliseconds on this tab, over reloads
  #told; // slot -> seconds that the server has
  #slot = 0;
  #pending = 0; // milliseconds that belong to no question yet
  #at = performance.now();
  #touched = performance.now();

  /** @param form says whose attempt it is; @param articles the questions on this page, if any. */
  constructor(form, articles = []) {
    this.key = `bixue.watch.${form.dataset.learner}.${form.dataset.attempt}`;
    this.articles = [...articles];
    const kept = this.#kept();
    this.device = kept.device ?? word();
    this.#ms = new Map(kept.ms);
    this.#told = new Map(kept.told);
    const touched = () => {
      this.#touched = performance.now();
    };
    for (const sign of SIGNS) addEventListener(sign, touched, { passive: true, capture: true });
    document.addEventListener("visibilitychange", () => this.tick());
    addEventListener("pagehide", () => this.settle(this.#slot));
  }

  #kept() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key)) ?? {};
    } catch {
      return {};
    }
  }

  #keep() {
    try {
      const kept = { device: this.device, ms: [...this.#ms], told: [...this.#told] };
      sessionStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // it holds for this page
    }
  }

  /** The question at a third of what can be seen: there people read. Else the next below it in view, as
      the first of a page before anybody scrolls. */
  #look() {
    const top = document.querySelector(".bx-exam-bar")?.getBoundingClientRect().bottom ?? 0;
    const line = top + (innerHeight - top) / 3;
    const seen = this.articles.find((article) => {
      const box = article.getBoundingClientRect();
      return box.bottom > line && box.top < innerHeight;
    });
    return Number(seen?.dataset.slot ?? 0);
  }

  /** Called every second. */
  tick() {
    const now = performance.now();
    const passed = Math.min(now - this.#at, LONGEST_MS);
    this.#at = now;
    const slot = document.hidden ? 0 : this.#look();
    if (slot && now - this.#touched < IDLE_MS) this.#pending += passed;
    if (slot !== this.#slot) this.settle(this.#slot);
    this.#slot = slot;
  }

  /** What passed since the page was last moved belongs to the question that is answered, or was at the line. */
  settle(slot) {
    if (!slot || !this.#pending) return;
    this.#ms.set(slot, (this.#ms.get(slot) ?? 0) + this.#pending);
    this.#pending = 0;
    this.#keep();
  }

  /** What the server does not know yet; undefined if there is nothing. */
  news() {
    const seconds = {};
    for (const [slot, ms] of this.#ms) {
      const whole = Math.floor(ms / 1000);
      if (whole > (this.#told.get(slot) ?? 0)) seconds[slot] = whole;
    }
    return Object.keys(seconds).length ? { device: this.device, seconds } : undefined;
  }

  /** The server has it. */
  heard(watched) {
    for (const [slot, seconds] of Object.entries(watched?.seconds ?? {})) this.#told.set(Number(slot), seconds);
    if (watched) this.#keep();
  }
}
