// Sitting a paper. Every answer is kept on the device first, then sent; what is not acknowledged
// stays in the queue, over reloads too, and is sent again. The server decides in which order
// things happened (each answer carries a counter) and when the time is up.

const RETRY_SECONDS = { first: 2, longest: 60 };
const PAUSE_MS = 250; // ticks in quick succession go out together
const TIMEOUT_MS = 15000;
const SHORT_MINUTES = 5;
const WARN_MINUTES = [15, 5, 1];

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const ticked = (input) => input.type === "radio" || input.type === "checkbox";
const same = (one, other) =>
  one.every((part, place) => part.trim() === (other[place] ?? "").trim()) &&
  other.every((part, place) => part.trim() === (one[place] ?? "").trim());
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

/** Answers that the server has not acknowledged, by slot; shared by the tabs of one browser. */
class Queue {
  constructor({ learner, attempt }) {
    this.key = `bixue.exam.${learner}.${attempt}`;
    this.memory = {};
    this.lasts = true; // whether it outlives this page
  }

  all() {
    if (!this.lasts) return this.memory;
    try {
      this.memory = JSON.parse(localStorage.getItem(this.key) ?? "{}");
    } catch {
      this.lasts = false;
    }
    return this.memory;
  }

  get size() {
    return Object.keys(this.all()).length;
  }

  #keep(answers) {
    this.memory = answers;
    if (!this.lasts) return;
    try {
      if (Object.keys(answers).length) localStorage.setItem(this.key, JSON.stringify(answers));
      else localStorage.removeItem(this.key);
    } catch {
      this.lasts = false;
    }
  }

  put(slot, answer) {
    this.#keep({ ...this.all(), [slot]: answer });
  }

  drop(slot, counter = Infinity) {
    const answers = { ...this.all() };
    if (answers[slot]?.counter <= counter) delete answers[slot];
    this.#keep(answers);
  }

  clear() {
    this.#keep({});
  }
}

/** Sends a queue: one request at a time, again and again until all of it is acknowledged. */
class Sender {
  constructor(queue, url, told) {
    Object.assign(this, { queue, url, told, failures: 0, stopped: false, alone: false });
    addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => this.now());
    addEventListener("pagehide", () => this.now());
  }

  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), ms);
  }

  now() {
    this.failures = 0;
    clearTimeout(this.timer);
    return this.flush();
  }

  #retry(state) {
    const seconds = Math.min(RETRY_SECONDS.first * 2 ** this.failures, RETRY_SECONDS.longest);
    this.failures += 1;
    this.told(state);
    this.later(seconds * 1000 * (0.5 + Math.random() / 2)); // not everybody at once
  }

  flush() {
    this.running ??= this.#flush().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  async #flush() {
    while (!this.stopped && this.queue.size) {
      const entries = Object.entries(this.queue.all()).slice(0, this.alone ? 1 : 200);
      const answers = entries.map(([slot, answer]) => ({ slot: Number(slot), ...answer }));
      this.told("saving");
      let response;
      let body;
      try {
        response = await this.#post({ answers });
        body = await response.json().catch(() => ({}));
      } catch {
        return this.#retry("waiting");
      }
      if (!this.#take(response, body, answers)) return undefined;
    }
    return undefined;
  }

  async #post(body) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      return await fetch(this.url, {
        method: "POST",
        redirect: "manual",
        keepalive: true,
        signal: abort.signal,
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": token,
        },
        body: JSON.stringify(body),
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Act on an answer of the server; say whether to go on at once. */
  #take(response, body, answers) {
    if (response.ok && body.states) {
      this.failures = 0;
      this.alone = false;
      for (const [slot, [, counter]] of Object.entries(body.states)) this.queue.drop(slot, counter);
      this.told(this.queue.size ? "saving" : "saved", body, response);
      return true;
    }
    if (response.status === 409) {
      this.stopped = true;
      this.told(body.error?.code ?? "waiting");
      return false;
    }
    if (response.status === 422 && answers.length > 1) {
      this.alone = true; // one of them is at fault: find out which
      return true;
    }
    if (response.status === 422) {
      this.queue.drop(answers[0].slot);
      this.told("refused", { slot: answers[0].slot });
      return true;
    }
    const states = { 400: "stale", 401: "signedOut", 403: "signedOut" };
    this.#retry(response.type === "opaqueredirect" ? "signedOut" : (states[response.status] ?? "waiting"));
    return false;
  }
}

/** The server's clock, told by lower bounds: every answer was sent at its hour or later. */
class Clock {
  constructor(now) {
    this.offset = Date.parse(now) - Date.now();
  }

  hear(date) {
    const heard = Date.parse(date ?? "") - Date.now();
    if (heard > this.offset) this.offset = heard;
  }

  now() {
    return Date.now() + this.offset;
  }
}

/** The page of an open paper. */
class Paper {
  constructor(form) {
    this.form = form;
    this.data = form.dataset;
    this.state = document.querySelector("#save-state");
    this.time = document.querySelector("#time-left");
    this.clock = new Clock(this.data.now);
    this.started = Date.parse(this.data.started);
    this.deadline = Date.parse(this.data.deadline);
    this.top = Number(form.elements.counter.value);
    this.queue = new Queue(this.data);
    this.sender = new Sender(this.queue, form.action, (...told) => this.told(...told));
  }

  begin() {
    this.#resume();
    this.form.addEventListener("change", (event) => this.#changed(event.target));
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.form.addEventListener("click", (event) => this.#followed(event));
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    this.#tick();
    this.ticking = setInterval(() => this.#tick(), 1000);
  }

  article(slot) {
    return document.querySelector(`#q${slot}`);
  }

  inputs(slot) {
    const named = `[name="a${slot}"], [name^="a${slot}-"]`;
    return [...(this.article(slot)?.querySelectorAll(named) ?? [])];
  }

  /** The fields of a question in their order: each with the inputs that make it. */
  fields(slot) {
    const named = new Map();
    for (const input of this.inputs(slot)) {
      named.set(input.name, [...(named.get(input.name) ?? []), input]);
    }
    return [...named.values()];
  }

  read(slot) {
    const parts = this.fields(slot).map((inputs) =>
      ticked(inputs[0])
        ? inputs.filter((input) => input.checked).map((input) => input.value).sort().join("")
        : inputs[0].value,
    );
    return { parts, flagged: this.form.elements[`f${slot}`].checked };
  }

  write(slot, { parts, flagged }) {
    for (const [place, inputs] of this.fields(slot).entries()) {
      const text = parts[place] ?? "";
      for (const input of inputs) {
        if (ticked(input)) input.checked = text.includes(input.value);
        else input.value = text;
      }
    }
    this.form.elements[`f${slot}`].checked = flagged;
  }

  /** What a page before this one left behind: newer than what is stored, or not any more. */
  #resume() {
    for (const [slot, answer] of Object.entries(this.queue.all())) {
      this.top = Math.max(this.top, answer.counter);
      const article = this.article(slot);
      if (article && Number(article.dataset.counter) >= answer.counter) {
        this.queue.drop(slot, answer.counter);
        continue;
      }
      if (article) this.write(slot, answer);
      this.#mark(slot, answer);
    }
    this.sender.now();
  }

  #changed(input) {
    const slot = input.closest("[data-slot]")?.dataset.slot;
    if (!slot || this.over) return;
    this.top = Math.max(this.top + 1, Math.round(this.clock.now() - this.started));
    const answer = { ...this.read(slot), counter: this.top };
    this.queue.put(slot, answer);
    this.#mark(slot, answer);
    this.sender.later(PAUSE_MS);
  }

  /** With script a page is left when its answers are sent: the form itself is never posted. */
  async #submitted(event) {
    event.preventDefault();
    const then = event.submitter?.value;
    if (!then || this.leaving) return;
    this.leaving = true;
    await this.sender.now();
    this.leaving = false;
    if (this.queue.size && (!this.queue.lasts || !navigator.onLine)) return;
    location.assign(then === "confirm" ? this.data.confirm : `${this.data.sit}?page=${then}`);
  }

  #followed(event) {
    const link = event.target.closest("a");
    if (!link || link.getAttribute("href").startsWith("#")) return;
    if (navigator.onLine && (this.queue.lasts || !this.queue.size)) return;
    event.preventDefault(); // without a network the next page would be lost, and this one too
    this.told("waiting");
  }

  #mark(slot, { parts, flagged }) {
    const grid = document.querySelector("#sheet-grid");
    const link = grid?.querySelector(`[data-slot="${slot}"]`);
    if (!link) return;
    const answered = parts.some((part) => part.trim());
    link.classList.toggle("is-answered", answered);
    link.classList.toggle("is-flagged", flagged);
    const words = grid.dataset;
    link.querySelector("span").textContent =
      (answered ? words.answered : words.blank) + (flagged ? words.flagged : "");
    const count = document.querySelector("#sheet-count");
    const all = grid.querySelectorAll("[data-slot]").length;
    const done = grid.querySelectorAll(".is-answered").length;
    count.textContent = fill(count.dataset.words, { n: done, all });
  }

  /** Called by the sender. */
  told(what, body = {}, response = undefined) {
    this.clock.hear(response?.headers.get("Date"));
    if (what === "already_handed_in") {
      this.queue.clear();
      location.replace(this.data.result);
    } else if (what === "too_late") {
      this.#timeUp();
    } else {
      this.#say(what, { n: this.queue.size, time: body.saved_at?.slice(11, 19), slot: body.slot });
      if (body.states) this.#settle(body);
    }
  }

  #settle({ states, counter }) {
    this.top = Math.max(this.top, counter);
    const waiting = this.queue.all();
    for (const [slot, [parts, stored, flagged]] of Object.entries(states)) {
      const article = this.article(slot);
      if (article) article.dataset.counter = stored;
      if (waiting[slot]) continue;
      this.#mark(slot, { parts, flagged });
      if (!article) continue;
      const shown = this.read(slot);
      if (!same(shown.parts, parts) || shown.flagged !== flagged) {
        this.write(slot, { parts, flagged });
        this.#say("newer", { slot });
      }
    }
  }

  #say(what, values) {
    const words = this.state.dataset[what];
    if (!words) return;
    this.state.textContent = fill(words, values);
    this.state.classList.toggle("is-waiting", !["saved", "saving", "minutes"].includes(what));
    if (what !== "signedOut") return;
    const link = document.createElement("a");
    link.href = this.data.signIn;
    link.textContent = this.state.dataset.signIn;
    this.state.append(" ", link);
  }

  #tick() {
    const seconds = Math.max(Math.ceil((this.deadline - this.clock.now()) / 1000), 0);
    const two = (number) => String(number).padStart(2, "0");
    const minutes = Math.floor(seconds / 60);
    this.time.textContent = `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
    this.time.parentElement.classList.toggle("is-short", seconds <= SHORT_MINUTES * 60);
    if (seconds % 60 === 0 && WARN_MINUTES.includes(minutes)) this.#say("minutes", { n: minutes });
    if (seconds === 0) this.#timeUp();
  }

  /** Send what is left, then ask the server: it shows "time is up", or the page if it is not. */
  async #timeUp() {
    if (this.over) return;
    this.over = true;
    clearInterval(this.ticking);
    for (const input of this.form.querySelectorAll("input, select, textarea, button")) input.disabled = true;
    this.#say("timeUp", {});
    await this.sender.now();
    for (let failures = 0; ; failures += 1) {
      try {
        await fetch(this.data.sit, { method: "HEAD", redirect: "manual" });
        location.replace(this.data.sit);
        return;
      } catch {
        this.#say("timeUpOffline", {});
        const seconds = Math.min(RETRY_SECONDS.first * 2 ** failures, RETRY_SECONDS.longest);
        await new Promise((resolve) => {
          setTimeout(resolve, seconds * 1000 * (0.5 + Math.random() / 2));
          addEventListener("online", resolve, { once: true });
        });
      }
    }
  }
}

const paper = document.querySelector("#paper");
if (paper) new Paper(paper).begin();

const timeUp = document.querySelector("#time-up");
if (timeUp) {
  // a whole class is done at the same second: not everybody at once
  setTimeout(() => timeUp.requestSubmit(), Math.random() * 2000);
}

const handIn = document.querySelector("#hand-in");
if (handIn) {
  const queue = new Queue(handIn.dataset);
  const note = document.querySelector("#still-here");
  const tell = () => {
    note.hidden = queue.size === 0;
    note.textContent = fill(note.dataset.words, { n: queue.size });
  };
  if (queue.size) {
    tell();
    new Sender(queue, handIn.dataset.save, (what) => {
      tell();
      if (what === "saved") location.reload(); // the counts of the page have changed
    }).now();
  }
}

const done = document.querySelector("#exam-done");
if (done) new Queue(done.dataset).clear();
