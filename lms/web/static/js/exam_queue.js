// What an open paper keeps on the device until the server has it, and how it gets there.
// The rules of merging are the server's; a page only has to say truly what it did and when.

const RETRY_SECONDS = { first: 2, longest: 60 };
const TIMEOUT_MS = 15000;
const OPENING_MS = 2000; // some browsers never answer that they have no IndexedDB
const HAND_IN = 0; // the slot under which it is kept that the learner handed in

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** Milliseconds until the next try: longer and longer, and not everybody at once. */
export const pause = (failures) =>
  Math.min(RETRY_SECONDS.first * 2 ** failures, RETRY_SECONDS.longest) * 1000 * (0.5 + Math.random() / 2);

/** Ask the server, but not for ever. */
export async function ask(url, options = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    return await fetch(url, { redirect: "manual", signal: abort.signal, cache: "no-store", ...options });
  } finally {
    clearTimeout(timer);
  }
}

const post = (url, body) =>
  ask(url, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });

const beats = (one, other) =>
  !other || one.counter > other.counter || (one.counter === other.counter && one.device > other.device);

/** IndexedDB: one record for each slot, so that two tabs never write over each other. */
class Database {
  static open() {
    return new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error("no answer")), OPENING_MS);
      const asked = indexedDB.open("bixue-exam", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("answers");
      asked.onerror = () => reject(asked.error);
      asked.onsuccess = () => resolve(new Database(asked.result));
    });
  }

  constructor(db) {
    this.db = db;
    db.onversionchange = () => db.close();
  }

  #do(mode, deed) {
    return new Promise((resolve, reject) => {
      const change = this.db.transaction("answers", mode, { durability: "strict" });
      let found;
      change.oncomplete = () => resolve(found);
      change.onabort = () => reject(change.error);
      deed(change.objectStore("answers"), (value) => {
        found = value;
      });
    });
  }

  all(exam) {
    return this.#do("readonly", (store, found) => {
      const range = IDBKeyRange.bound([exam], [exam, []]);
      const keys = store.getAllKeys(range);
      const values = store.getAll(range);
      values.onsuccess = () => found(new Map(keys.result.map((key, at) => [key[1], values.result[at]])));
    });
  }

  put(exam, slot, answer, { always = false } = {}) {
    return this.#do("readwrite", (store) => {
      const held = store.get([exam, slot]);
      held.onsuccess = () => {
        if (always || beats(answer, held.result)) store.put(answer, [exam, slot]);
      };
    });
  }

  drop(exam, slot, counter) {
    return this.#do("readwrite", (store) => {
      const held = store.get([exam, slot]);
      held.onsuccess = () => {
        if (held.result && held.result.counter <= counter) store.delete([exam, slot]);
      };
    });
  }

  clear(exam) {
    return this.#do("readwrite", (store) => store.delete(IDBKeyRange.bound([exam], [exam, []])));
  }
}

/** localStorage, where there is no IndexedDB: one text for each attempt. */
class Shelf {
  #key(exam) {
    return `bixue.exam.${exam}`;
  }

  #write(exam, answers) {
    if (answers.size) localStorage.setItem(this.#key(exam), JSON.stringify(Object.fromEntries(answers)));
    else localStorage.removeItem(this.#key(exam));
  }

  #read(exam) {
    const kept = JSON.parse(localStorage.getItem(this.#key(exam)) ?? "{}");
    return new Map(Object.entries(kept).map(([slot, answer]) => [Number(slot), answer]));
  }

  add(exam, answers) {
    this.#write(exam, new Map([...this.#read(exam), ...answers]));
  }

  async all(exam) {
    return this.#read(exam);
  }

  async put(exam, slot, answer, { always = false } = {}) {
    const answers = await this.all(exam);
    if (always || beats(answer, answers.get(slot))) this.#write(exam, answers.set(slot, answer));
  }

  async drop(exam, slot, counter) {
    const answers = await this.all(exam);
    if (answers.get(slot)?.counter <= counter) answers.delete(slot);
    this.#write(exam, answers);
  }

  async clear(exam) {
    this.#write(exam, new Map());
  }
}

/** Answers that the server has not acknowledged, by slot; shared by the tabs of one browser. */
export class Queue {
  #answers = new Map(); // what this page knows of: never waits for the disk
  #unkept = new Set(); // slots of it that are not on the disk, or not yet
  #store;

  /** Open the queue of an attempt, in the best place that this browser has. */
  static async open({ learner, attempt }) {
    const queue = new Queue();
    queue.exam = `${learner}.${attempt}`;
    const shelf = new Shelf();
    try {
      queue.#store = await Database.open();
      queue.#answers = await queue.#store.all(queue.exam);
    } catch {
      queue.#store = shelf;
    }
    let left = new Map();
    try {
      left = await shelf.all(queue.exam); // all there is, or left from when there was no other place
    } catch {
      if (queue.#store === shelf) queue.#store = undefined;
    }
    if (queue.#store === shelf) queue.#answers = left;
    else if (left.size) {
      await Promise.all([...left].map(([slot, answer]) => queue.put(slot, answer)));
      if (queue.lasts) await shelf.clear(queue.exam);
    }
    return queue;
  }

  /** Whether all of it outlives this page. */
  get lasts() {
    return this.#store !== undefined && this.#unkept.size === 0;
  }

  get size() {
    return this.#answers.size - Number(this.handsIn);
  }

  get handsIn() {
    return this.#answers.has(HAND_IN);
  }

  has(slot) {
    return this.#answers.has(Number(slot));
  }

  entries() {
    return [...this.#answers].filter(([slot]) => slot !== HAND_IN);
  }

  /** Do something in the store; if it fails, in the next worse one from now on. */
  async #keep(deed) {
    for (;;) {
      const store = this.#store;
      if (!store) return false;
      try {
        await deed(store);
        return true;
      } catch {
        if (this.#store === store) {
          this.#store = store instanceof Database ? new Shelf() : undefined;
          await this.#move();
        }
      }
    }
  }

  async #move() {
    try {
      for (const [slot, answer] of this.#answers) await this.#store?.put(this.exam, slot, answer);
    } catch {
      this.#store = undefined;
    }
  }

  async put(slot, answer, options) {
    const key = Number(slot);
    if (!options?.always && !beats(answer, this.#answers.get(key))) return;
    this.#answers.set(key, answer);
    this.#unkept.add(key);
    const kept = await this.#keep((store) => store.put(this.exam, key, answer, options));
    if (kept && this.#answers.get(key) === answer) this.#unkept.delete(key);
  }

  async drop(slot, counter = Infinity) {
    const key = Number(slot);
    if (this.#answers.get(key)?.counter <= counter) {
      this.#answers.delete(key);
      this.#unkept.delete(key);
    }
    await this.#keep((store) => store.drop(this.exam, key, counter));
  }

  /** Keep it that the learner handed in, or that it was taken back. */
  handIn(wanted) {
    return wanted ? this.put(HAND_IN, { counter: 1, device: "" }) : this.drop(HAND_IN);
  }

  /** Learn what other tabs left. */
  async refresh() {
    await this.#keep(async (store) => {
      for (const [slot, answer] of await store.all(this.exam)) {
        if (beats(answer, this.#answers.get(slot))) this.#answers.set(slot, answer);
      }
    });
  }

  /** Keep what the disk may not have yet in the one place that answers at once. */
  shelve() {
    const unkept = [...this.#unkept].map((slot) => [slot, this.#answers.get(slot)]);
    try {
      if (unkept.length) new Shelf().add(this.exam, unkept);
    } catch {
      // then it is lost with the page, which has said so
    }
  }

  async clear() {
    this.#answers.clear();
    this.#unkept.clear();
    await this.#keep((store) => store.clear(this.exam));
  }
}

/** Where open papers are kept by the service worker; none where the browser has no such place. */
const shelves = () => (globalThis.caches ? caches.keys() : Promise.resolve([]));

/** What the server acknowledged since a page was kept, so that the kept page can show it. */
export class Seen {
  constructor({ learner, sit }) {
    this.name = `bixue-papers.${learner}`;
    this.address = `${sit}/seen`;
    this.answers = new Map();
  }

  static async open(data) {
    const seen = new Seen(data);
    try {
      const found = await (await caches.open(seen.name)).match(seen.address);
      if (found) seen.answers = new Map(await found.json());
    } catch {
      // then a page that is opened without a network shows less
    }
    return seen;
  }

  async put(answers) {
    for (const { slot, parts, counter, flagged } of answers) this.answers.set(slot, { parts, counter, flagged });
    try {
      const cache = await caches.open(this.name);
      await cache.put(this.address, new Response(JSON.stringify([...this.answers])));
    } catch {
      // the server has them
    }
  }
}

/** Say whether a page of a paper was kept on this device. */
export async function isKept(address) {
  try {
    for (const name of await shelves()) {
      if (name.startsWith("bixue-papers.") && (await (await caches.open(name)).match(address))) return true;
    }
  } catch {
    // as good as not
  }
  return false;
}

/** Let a paper that is open here be opened again without a network. */
export async function keepOpenable(script) {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register(script);
    const { active } = await navigator.serviceWorker.ready;
    const drawn = performance.getEntriesByType("resource").map((entry) => entry.name);
    const parts = drawn.filter((name) => /\/(static|bootstrap)\//.test(new URL(name).pathname));
    if (!(await isKept(openPage()))) active.postMessage({ page: location.href, parts });
  } catch {
    // the page works without it
  }
}

/** The address under which the page that is shown is kept. */
export function openPage(page = new URLSearchParams(location.search).get("page") ?? 1) {
  return `${location.origin}${location.pathname}?page=${page}`;
}

/** Forget every paper that this device kept for an attempt. */
export async function forgetPaper(sit) {
  try {
    for (const name of await shelves()) {
      if (!name.startsWith("bixue-papers.")) continue;
      const cache = await caches.open(name);
      for (const { url } of await cache.keys()) {
        const { pathname } = new URL(url);
        if (pathname === sit || pathname === `${sit}/seen`) await cache.delete(url);
      }
    }
  } catch {
    // there is nothing to forget where nothing can be kept
  }
}

/** Sends a queue: one request at a time, again and again until all of it is acknowledged. */
export class Sender {
  /** @param urls where to ``save`` and to ``submit``; @param told is called with every change. */
  constructor(queue, urls, told) {
    Object.assign(this, { queue, urls, told, failures: 0, stopped: false, alone: false, reached: true });
    addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => this.now());
    addEventListener("pagehide", () => this.#leave());
  }

  /** A page that is being left waits for nothing: what is there goes out and is kept, at once. */
  #leave() {
    this.leaving?.();
    if (this.stopped || !this.queue.size) return;
    this.queue.shelve();
    const answers = this.queue.entries().map(([slot, answer]) => ({ slot, ...answer }));
    post(this.urls.save, { answers, watched: this.watch?.news() }).catch(() => undefined); // it is kept, the next page sends it
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
    this.later(pause(this.failures));
    this.failures += 1;
    this.told(state);
  }

  flush() {
    this.running ??= this.#flush().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  // what this page knows of goes out at once: a page that is being left has no time to look further
  async #flush() {
    while (!this.stopped) {
      if (!this.queue.size) await this.queue.refresh();
      if (!this.queue.size) break;
      const entries = this.queue.entries().slice(0, this.alone ? 1 : 200);
      const answers = entries.map(([slot, answer]) => ({ slot, ...answer }));
      const watched = this.watch?.news();
      this.told("saving");
      let response;
      let body;
      try {
        response = await post(this.urls.save, { answers, watched });
        body = await response.json().catch(() => ({}));
        this.reached = true;
      } catch {
        this.reached = false;
        return this.#retry("waiting");
      }
      if (response.ok) this.watch?.heard(watched);
      if (!(await this.#take(response, body, answers))) return undefined;
    }
    if (this.queue.handsIn && !this.stopped) return this.#handIn();
    return undefined;
  }

  async #handIn() {
    this.told("handingIn");
    try {
      const response = await post(this.urls.submit, { watched: this.watch?.news() });
      this.reached = true;
      if (response.ok) {
        const { page } = await response.json();
        this.stopped = true;
        await this.queue.clear();
        return this.told("handedIn", { result: page });
      }
      const code = response.status === 409 ? (await response.json()).error?.code : "";
      if (code === "abandoned" || code === "already_handed_in") {
        this.stopped = true;
        return this.told(code); // over without a result: nothing gets better by waiting
      }
      return this.#refused(response);
    } catch {
      this.reached = false;
      return this.#retry("waiting");
    }
  }

  #refused(response) {
    const states = { 400: "stale", 401: "signedOut", 403: "signedOut", 507: "full" };
    this.#retry(response.type === "opaqueredirect" ? "signedOut" : (states[response.status] ?? "waiting"));
  }

  /** Act on an answer of the server; say whether to go on at once. */
  async #take(response, body, answers) {
    if (response.ok && body.answers) {
      this.failures = 0;
      this.alone = false;
      for (const { slot, counter } of body.answers) await this.queue.drop(slot, counter);
      this.told(this.queue.size ? "saving" : "saved", body, response);
      return true;
    }
    if (response.status === 409) {
      this.stopped = true;
      this.told(body.error?.code ?? "waiting");
      return false;
    }
    if (response.status === 422 && body.error?.code === "counter_ahead" && this.restamp) {
      if (await this.restamp()) return true;
      this.#retry("waiting");
      return false;
    }
    if (response.status === 422 && answers.length > 1) {
      this.alone = true; // one of them is at fault: find out which
      return true;
    }
    if (response.status === 422) {
      await this.queue.drop(answers[0].slot);
      this.told("refused", { slot: answers[0].slot });
      return true;
    }
    this.#refused(response);
    return false;
  }
}

/** The server's clock, told by lower bounds: every answer was sent at its hour or later. */
export class Clock {
  /** @param at when this device heard that hour of the server's; a kept page heard it long ago. */
  constructor(now, at) {
    this.set(now, at);
  }

  /** Believe the server, whatever was believed before. */
  set(now, at = Date.now()) {
    this.offset = Date.parse(now) - at;
    this.seen = [Date.now(), performance.now()];
  }

  hear(date) {
    const heard = Date.parse(date ?? "") - Date.now();
    if (heard > this.offset) this.offset = heard;
  }

  now() {
    return Date.now() + this.offset;
  }

  /** Say whether this device slept or its clock was set since the last call. */
  jumped() {
    const [date, uptime] = this.seen;
    this.seen = [Date.now(), performance.now()];
    return Math.abs(this.seen[0] - date - (this.seen[1] - uptime)) > 2000;
  }
}
