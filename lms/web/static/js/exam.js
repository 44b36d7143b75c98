// Sitting a paper. Every answer is kept on the device first, then sent; what is not acknowledged
// stays in the queue, over reloads too, and is sent again. The server decides in which order
// things happened (each answer carries a counter and a device) and when the time is up.

// the address of the other module carries its version, which an import in so many words could not
const { Clock, Queue, Seen, Sender, ask, forgetPaper, isKept, keepOpenable, openPage, pause } = await import(
  document.querySelector("#exam-queue").href);

// only the pages of an open paper have this one
const watching = document.querySelector("#exam-watch");
const { Watch } = watching ? await import(watching.href) : {};

const PAUSE_MS = 250; // ticks in quick succession go out together
const TYPING_MS = 700; // a sentence is not sent letter by letter
const ASK_SECONDS = 300; // somebody may have been given more time
const SHORT_MINUTES = 5;
const WARN_MINUTES = [15, 5, 1];
const QUIET = ["saved", "saving"]; // said so often that nobody should have to hear it
const SIZES = ["", "bx-exam-large", "bx-exam-larger", "bx-exam-largest"];

const ticked = (input) => input.type === "radio" || input.type === "checkbox";
const writes = (element) => element.matches("textarea, select, input:not([type=radio], [type=checkbox])");
const same = (one, other) =>
  one.every((part, place) => part.trim() === (other[place] ?? "").trim()) &&
  other.every((part, place) => part.trim() === (one[place] ?? "").trim());
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const word = () => [...crypto.getRandomValues(new Uint32Array(2))].map((n) => n.toString(36)).join("").slice(0, 8);

/** How large the questions are; remembered on this device. */
class Size {
  constructor(form) {
    this.form = form;
    this.step = Number(this.#kept() ?? 0) || 0;
    this.#show();
    for (const button of document.querySelectorAll("[data-letters]")) {
      button.addEventListener("click", () => this.change(Number(button.dataset.letters)));
    }
  }

  #kept() {
    try {
      return localStorage.getItem("bixue.exam-size");
    } catch {
      return null;
    }
  }

  change(by) {
    this.step = Math.min(Math.max(this.step + by, 0), SIZES.length - 1);
    this.#show();
    try {
      localStorage.setItem("bixue.exam-size", this.step);
    } catch {
      // it holds for this page
    }
  }

  #show() {
    for (const [step, name] of SIZES.entries()) if (name) this.form.classList.toggle(name, step === this.step);
    for (const button of document.querySelectorAll("[data-letters]")) {
      button.disabled = this.step === (Number(button.dataset.letters) > 0 ? SIZES.length - 1 : 0);
    }
  }
}

/** The page of an open paper. */
class Paper {
  static async open(form) {
    const paper = new Paper(form, await Queue.open(form.dataset), await Seen.open(form.dataset));
    await paper.begin();
  }

  constructor(form, queue, seen) {
    this.form = form;
    this.data = form.dataset;
    this.seen = seen;
    this.state = document.querySelector("#save-state");
    this.news = document.querySelector("#exam-news");
    this.time = document.querySelector("#time-left");
    this.dialog = document.querySelector("#offline-hand-in");
    this.clock = new Clock(this.data.now, this.data.kept && Number(this.data.kept));
    this.started = Date.parse(this.data.started);
    this.deadline = Date.parse(this.data.deadline);
    this.late = Number(this.data.late) * 1000; // how long what comes after it still counts
    this.top = Number(form.elements.counter.value);
    this.device = word(); // of this page: two tabs are two devices
    this.typing = new Map(); // slot -> timer of what is being written
    this.own = new Map(); // slot -> counter of the last deed on this page
    this.queue = queue;
    this.sender = new Sender(queue, { save: this.data.save, submit: this.data.submit }, (...told) => this.told(...told));
    this.sender.restamp = () => this.#restamp();
    this.watch = this.sender.watch = new Watch(form, form.querySelectorAll("article[data-slot]"));
  }

  async begin() {
    this.form.addEventListener("change", (event) => this.#changed(event.target));
    this.form.addEventListener("input", (event) => this.#written(event.target));
    this.form.addEventListener("focusout", (event) => this.#left(event.target));
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.form.addEventListener("click", (event) => this.#followed(event));
    document.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#settleTyping() : this.wake()));
    this.sender.leaving = () => this.#settleTyping();
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    this.dialog.querySelector("[data-go-on]").addEventListener("click", () => this.#handIn(false));
    this.dialog.querySelector("[data-hand-in]").addEventListener("click", () => this.#handIn(true));
    new Size(this.form);
    for (const hidden of this.form.querySelectorAll("[data-with-script]")) hidden.hidden = false;
    this.#tick();
    this.ticking = setInterval(() => this.#tick(), 1000);
    this.asking = setInterval(() => this.wake(), ASK_SECONDS * 1000);
    if (this.data.kept) this.#catchUp();
    await this.#resume();
    this.form.dataset.ready = "1";
    if (!this.data.kept) keepOpenable(this.data.worker);
    else if (!(await this.#clock())) this.told("waiting");
  }

  /** A page that was kept shows what the server acknowledged since. */
  #catchUp() {
    for (const [slot, answer] of this.seen.answers) {
      this.top = Math.max(this.top, answer.counter);
      const article = this.article(slot);
      this.#mark(slot, answer);
      if (!article || Number(article.dataset.counter) >= answer.counter) continue;
      this.write(slot, answer);
      article.dataset.counter = answer.counter;
    }
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
        if (ticked(input)) input.checked = input.type === "radio" ? text === input.value : text.includes(input.value);
        else input.value = text;
      }
    }
    this.form.elements[`f${slot}`].checked = flagged;
  }

  /** What a page before this one left behind: newer than what is stored, or not any more. */
  async #resume() {
    for (const [slot, answer] of this.queue.entries()) {
      this.top = Math.max(this.top, answer.counter);
      const article = this.article(slot);
      if (article && Number(article.dataset.counter) > answer.counter) {
        await this.queue.drop(slot, answer.counter);
        continue;
      }
      if (article) this.write(slot, answer);
      this.#mark(slot, answer);
    }
    if (this.queue.handsIn) this.#lock(true);
    await this.sender.now();
  }

  #stamp() {
    this.top = Math.max(this.top + 1, Math.round(this.clock.now() - this.started));
    return { counter: this.top, device: this.device };
  }

  /** The clock of this device was ahead: do what is not stored yet again, by the server's clock. */
  async #restamp() {
    const told = await this.#clock();
    if (!told) return false;
    this.top = told.counter;
    const waiting = this.queue.entries().sort(([, one], [, other]) => one.counter - other.counter);
    for (const [slot, answer] of waiting) {
      const anew = { ...answer, ...this.#stamp() };
      this.own.set(slot, anew.counter);
      await this.queue.put(slot, anew, { always: true });
    }
    return true;
  }

  #slot(element) {
    return Number(element.closest("[data-slot]")?.dataset.slot ?? 0);
  }

  #written(input) {
    const slot = this.#slot(input);
    if (!slot || !writes(input)) return;
    clearTimeout(this.typing.get(slot));
    this.typing.set(slot, setTimeout(() => this.#deed(slot), TYPING_MS));
  }

  #left(input) {
    const slot = this.#slot(input);
    if (this.typing.has(slot)) this.#deed(slot);
  }

  #settleTyping() {
    for (const slot of [...this.typing.keys()]) this.#deed(slot);
  }

  #changed(input) {
    const slot = this.#slot(input);
    if (slot && (!writes(input) || this.typing.has(slot) || input.matches("select"))) this.#deed(slot);
  }

  #deed(slot) {
    clearTimeout(this.typing.get(slot));
    this.typing.delete(slot);
    if (this.over) return;
    const answer = { ...this.read(slot), ...this.#stamp() };
    this.own.set(slot, answer.counter);
    this.watch.settle(slot);
    this.queue.put(slot, answer);
    this.#mark(slot, answer);
    this.sender.later(PAUSE_MS);
  }

  /** With script a page is left when its answers are sent: the form itself is never posted. */
  async #submitted(event) {
    event.preventDefault();
    const then = event.submitter?.value;
    if (then) await this.#leave(then);
  }

  async #leave(then) {
    if (this.leaving) return;
    this.leaving = true;
    this.#settleTyping();
    await this.sender.now();
    const there = !this.queue.size && (await this.#clock());
    this.leaving = false;
    const pages = { confirm: this.data.confirm, pause: this.data.pause };
    const known = !there && !pages[then] && this.queue.lasts && (await isKept(openPage(then)));
    if (there || known) location.assign(pages[then] ?? `${this.data.sit}?page=${then}`);
    else if (this.sender.stopped) return;
    else if (then === "confirm") this.#askToHandIn();
    else if (then === "pause") this.#say("noPause", {});
    else this.told("waiting");
  }

  #askToHandIn() {
    const grid = [...document.querySelectorAll("#sheet-grid [data-slot]")];
    const blank = grid.filter((link) => !link.classList.contains("is-answered")).length;
    const words = this.dialog.querySelector("[data-words]");
    words.textContent = fill(words.dataset.words, { n: blank });
    this.dialog.showModal();
  }

  /** Without a network: remember that the learner handed in, and do it when there is one. */
  async #handIn(wanted) {
    if (this.dialog.open) this.dialog.close();
    await this.queue.handIn(wanted);
    this.#lock(wanted);
    if (wanted) await this.sender.now();
    else this.#say(this.queue.size ? "waiting" : "kept", {});
  }

  #lock(locked) {
    const note = document.querySelector("#hand-in-waits");
    note.hidden = !locked;
    note.querySelector("button").onclick = () => this.#handIn(false);
    for (const input of this.form.querySelectorAll("article input, article select, article textarea, [name=then]")) {
      input.disabled = locked;
    }
  }

  #followed(event) {
    const link = event.target.closest("a");
    if (!link || link.getAttribute("href").startsWith("#")) return;
    if (navigator.onLine && this.sender.reached && (this.queue.lasts || !this.queue.size)) return;
    event.preventDefault(); // without a network the next page would be lost, and this one too
    this.told("waiting");
    this.sender.now();
  }

  /** The keys of the help: never where somebody writes, never with another key held. */
  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || this.dialog.open) return;
    if (event.target.closest?.("textarea, select, summary, a, button, input:not([type=radio], [type=checkbox])")) {
      if (!event.target.closest("a, button, summary") || ["Enter", " "].includes(event.key)) return;
    }
    const key = event.key.toLowerCase();
    if (key === "n" || key === "p") this.#step(key === "n" ? 1 : -1);
    else if (key === "m") this.form.elements[`f${this.#current()}`]?.click();
    else if (key === "+" || key === "=") document.querySelector('[data-letters="1"]')?.click();
    else if (key === "-") document.querySelector('[data-letters="-1"]')?.click();
    else if (/^[1-9a-f]$/.test(key)) {
      const at = key >= "a" ? key.charCodeAt(0) - 97 : Number(key) - 1;
      const input = this.inputs(this.#current()).filter(ticked)[at];
      if (!input) return;
      input.click();
      input.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  }

  #slots() {
    return [...this.form.querySelectorAll("article[data-slot]")].map((each) => Number(each.dataset.slot));
  }

  /** The question that has the focus, or else the first that can be seen. */
  #current() {
    const focused = this.#slot(document.activeElement ?? document.body);
    if (focused && this.article(focused)) return focused;
    const bar = document.querySelector(".bx-exam-bar").getBoundingClientRect().bottom;
    const seen = this.#slots().find((slot) => this.article(slot).getBoundingClientRect().bottom > bar + 24);
    return seen ?? this.#slots()[0];
  }

  #step(by) {
    const focused = this.#slot(document.activeElement ?? document.body);
    const slot = focused || by < 0 ? this.#current() + by : this.#current();
    const article = this.article(slot);
    if (article) {
      const title = article.querySelector("h3");
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
      article.scrollIntoView({ block: "start" });
    } else this.form.querySelector(`[name=then][value="${Number(this.data.page) + by}"]`)?.click();
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
    if (what === "already_handed_in" || what === "abandoned") {
      this.queue.clear().then(() => location.replace(this.data.result));
    } else if (what === "handedIn") {
      location.replace(body.result);
    } else if (what === "too_late") {
      this.#timeUp();
    } else if (what === "paused") {
      location.replace(this.data.sit); // what is not sent yet is kept, and goes out afterwards
    } else {
      if (body.deadline_at) this.#hear(body.deadline_at);
      const values = { n: this.queue.size, time: body.saved_at?.slice(11, 19), slot: body.slot };
      this.#say(this.#honestly(what), values);
      if (body.answers) this.#settle(body);
    }
  }

  #honestly(what) {
    if (what !== "waiting") return what;
    if (this.queue.handsIn) return "handInWaits";
    if (!this.queue.size) return "unreached";
    return this.queue.lasts ? "waiting" : "unkept";
  }

  #settle({ answers, counter }) {
    this.seen.put(answers);
    this.top = Math.max(this.top, counter);
    for (const { slot, parts, counter: stored, flagged, verdict } of answers) {
      const article = this.article(slot);
      if (article) article.dataset.counter = stored;
      if (this.queue.has(slot) || this.typing.has(slot)) continue; // there is something newer here
      if (stored === this.own.get(slot) && verdict === "kept") continue; // as it stands here
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
    const text = fill(words, values);
    this.state.textContent = text;
    this.state.classList.toggle("is-waiting", ![...QUIET, "kept", "minutes", "moreTime"].includes(what));
    if (QUIET.includes(what) ? what === "saved" && this.trouble : this.said !== what) this.news.textContent = text;
    if (what !== "saving") [this.said, this.trouble] = [what, this.state.classList.contains("is-waiting")];
    if (what !== "signedOut") return;
    const link = document.createElement("a");
    link.href = this.data.signIn;
    link.textContent = this.state.dataset.signIn;
    this.state.append(" ", link);
  }

  /** Ask the server for its time, the deadline and whether the paper is open still. */
  async #clock() {
    try {
      const response = await ask(this.data.clock, { headers: { Accept: "application/json" } });
      if (!response.ok) return undefined;
      const told = await response.json();
      this.sender.reached = true;
      this.clock.set(told.now);
      this.#hear(told.deadline_at);
      if (!told.open) location.replace(this.data.result);
      else if (told.paused) location.replace(this.data.sit);
      return told;
    } catch {
      this.sender.reached = false;
      return undefined;
    }
  }

  /** The page is looked at again: what is the time, and is it open still? */
  async wake() {
    if (document.hidden || this.over) return;
    await this.#clock();
  }

  #hear(deadline) {
    const heard = Date.parse(deadline);
    if (heard === this.deadline) return;
    const more = heard > this.deadline;
    this.#addExtra(Math.round((heard - this.deadline) / 60_000));
    this.deadline = heard;
    this.isLate = false;
    const ends = new Date(heard).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });
    const shown = document.querySelector("#time-ends");
    shown.textContent = fill(shown.dataset.words, { time: ends });
    if (more) this.#say("moreTime", { time: ends });
    this.#tick();
  }

  /** An open page hears of nothing but extensions: pauses load it anew. */
  #addExtra(minutes) {
    const shown = document.querySelector("#time-extra");
    const sum = Number(/\d+/.exec(shown.textContent)?.[0] ?? 0) + minutes;
    shown.textContent = shown.textContent.replace(/\d+/, sum);
    shown.hidden = sum <= 0;
  }

  /** Milliseconds that are left: to the deadline, then to the end of what counts as late. */
  #remaining() {
    const left = this.deadline - this.clock.now();
    if (left > 0 || !this.late) return left;
    if (!this.isLate) this.#say("late", {});
    this.isLate = true;
    document.querySelector("#late-note").hidden = false;
    return left + this.late;
  }

  #tick() {
    if (this.over) return;
    if (this.clock.jumped()) this.wake();
    this.watch.tick();
    const seconds = Math.max(Math.ceil(this.#remaining() / 1000), 0);
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
    this.#settleTyping();
    this.over = true;
    clearInterval(this.ticking);
    clearInterval(this.asking);
    for (const input of this.form.querySelectorAll("input, select, textarea, button")) input.disabled = true;
    this.#say("timeUp", {});
    await this.sender.now();
    for (let failures = 0; ; failures += 1) {
      try {
        await ask(this.data.clock, { method: "HEAD" });
        location.replace(this.data.sit);
        return;
      } catch {
        this.#say("timeUpOffline", {});
        await new Promise((resolve) => {
          setTimeout(resolve, pause(failures));
          addEventListener("online", resolve, { once: true });
        });
      }
    }
  }
}

/** The page that asks once more: it hands in when everything is sent and there is a network. */
class HandIn {
  static async open(form) {
    new HandIn(form, await Queue.open(form.dataset)).begin();
  }

  constructor(form, queue) {
    this.form = form;
    this.queue = queue;
    this.note = document.querySelector("#still-here");
    const urls = { save: form.dataset.save, submit: form.dataset.submit };
    this.sender = new Sender(queue, urls, (what, body) => this.told(what, body));
    this.sender.watch = Watch && new Watch(form);
  }

  begin() {
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.form.dataset.ready = "1";
    this.sent = this.queue.size > 0;
    if (this.sent || this.queue.handsIn) this.sender.now();
  }

  async #submitted(event) {
    event.preventDefault();
    await this.queue.handIn(true);
    await this.sender.now();
  }

  told(what, body) {
    if (what === "handedIn") location.replace(body.result);
    else if (what === "paused") location.replace(this.form.dataset.sit);
    else if (["already_handed_in", "abandoned", "too_late"].includes(what)) {
      this.queue.clear().then(() => location.replace(this.form.dataset.sit));
    } else if (what === "saved" && this.sent && !this.queue.size && !this.queue.handsIn) {
      location.reload(); // the counts of the page have changed
    } else {
      const words = this.note.dataset;
      const said = { handingIn: words.handingIn, signedOut: words.signedOut, stale: words.stale }[what];
      const waits = this.queue.handsIn ? words.handInWaits : words.words;
      this.note.textContent = fill(said ?? waits, { n: this.queue.size });
      this.note.hidden = !said && !this.queue.size && !this.queue.handsIn;
      delete this.form.dataset.sent; // it may be asked for again
    }
  }
}

const paper = document.querySelector("#paper");
if (paper) await Paper.open(paper);

const timeUp = document.querySelector("#time-up");
if (timeUp) {
  // a whole class is done at the same second: not everybody at once
  setTimeout(() => timeUp.requestSubmit(), Math.random() * 2000);
}

const handIn = document.querySelector("#hand-in");
if (handIn) await HandIn.open(handIn);

const done = document.querySelector("#exam-done");
if (done) {
  await (await Queue.open(done.dataset)).clear();
  await forgetPaper(done.dataset.sit);
}
