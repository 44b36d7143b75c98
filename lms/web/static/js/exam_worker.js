// The service worker of open papers, and of nothing else: a paper that was opened once opens again
// without a network. It keeps pages that the server marks as open papers, what they are drawn with,
// and never a key, a mark or a result: those are on other addresses, which it does not touch.
// What is kept goes when the paper is handed in, when somebody signs out, and when the server says
// that the paper belongs to somebody else. Saving is none of its business.

const PAPERS = "bixue-papers.";
const PARTS = "bixue-paper-parts";
const KEEP_FOR = "X-Keep-For"; // whose open paper a page is; other pages do not have it
const MOST_PARTS = 60;
const PATIENCE_MS = 8000; // a network that does not answer is none, if there is something kept

const base = new URL(self.registration.scope).pathname; // …/attempts/
const numberOf = (path) =>
  path.startsWith(base) ? (/^(\d+)(\/.*)?$/.exec(path.slice(base.length))?.slice(1) ?? []) : [];
const page = (url) => `${url.origin}${url.pathname}?page=${url.searchParams.get("page") ?? 1}`;

async function papers() {
  return (await caches.keys()).filter((name) => name.startsWith(PAPERS));
}

/** Forget an attempt's pages, for whomever they were kept. */
async function forget(number) {
  for (const name of await papers()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (numberOf(new URL(request.url).pathname)[0] === number) await cache.delete(request);
    }
  }
}

async function forgetOthers(own) {
  for (const name of await papers()) if (name !== own) await caches.delete(name);
}

/** Keep a page with the hour of this device at which it came: its own clock goes by that. */
async function keep(url, response) {
  const name = PAPERS + response.headers.get(KEEP_FOR);
  await forgetOthers(name);
  const text = (await response.text()).replace('id="paper"', `id="paper" data-kept="${Date.now()}"`);
  const headers = new Headers(response.headers);
  for (const one of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(one);
  await (await caches.open(name)).put(page(url), new Response(text, { headers }));
}

/** Note what the server says of a paper: keep its page, or know that there is none any more. */
async function note(url, response, number) {
  if (response.status >= 500) return;
  if (response.ok && !response.redirected && response.headers.has(KEEP_FOR)) await keep(url, response);
  else await forget(number);
}

async function kept(url) {
  for (const name of await papers()) {
    const found = await (await caches.open(name)).match(page(url));
    if (found) return found;
  }
  return undefined;
}

/** The server first; what is kept only if it cannot be reached or is down. */
async function open(event, url, number) {
  const asked = fetch(event.request);
  const fallback = await kept(url);
  const late = new Promise((resolve) => {
    if (fallback) setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  event.waitUntil(
    asked.then((response) => note(url, response.clone(), number)).catch(() => undefined),
  );
  try {
    const response = await Promise.race([asked, late]);
    if (response && (response.status < 500 || !fallback)) return response;
  } catch (fault) {
    if (!fallback) throw fault;
  }
  return fallback;
}

/** What pages are drawn with: with its version in its address it never changes. */
async function part(request) {
  const cache = await caches.open(PARTS);
  const found = await cache.match(request);
  if (found && new URL(request.url).searchParams.has("v")) return found;
  let response;
  try {
    response = await fetch(request);
  } catch (fault) {
    if (found) return found;
    throw fault;
  }
  if (response.ok) {
    const keys = await cache.keys();
    for (const old of keys.slice(0, Math.max(keys.length + 1 - MOST_PARTS, 0))) await cache.delete(old);
    await cache.put(request, response.clone());
  }
  return response;
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin || event.request.method !== "GET") return;
  const [number, more] = numberOf(url.pathname);
  if (/\/(static|bootstrap)\//.test(url.pathname)) event.respondWith(part(event.request));
  else if (number && !more && event.request.mode === "navigate") event.respondWith(open(event, url, number));
  else if (number && more === "/result") event.waitUntil(forget(number));
});

// a page that was opened before there was a worker asks that it be kept, with what it is drawn with
self.addEventListener("message", (event) => {
  const url = new URL(event.data.page);
  const [number] = numberOf(url.pathname);
  if (!number) return;
  const whole = async () => {
    await note(url, await fetch(url, { credentials: "same-origin" }), number);
    await Promise.all(event.data.parts.map((each) => part(new Request(each)).catch(() => undefined)));
  };
  event.waitUntil(whole().catch(() => undefined));
});
