// Keeps the app itself for reloads without a network. Browsers run it on https origins only.
// What a node answers is never kept here: events live in the database of the page.
const name = "touchline-app";

self.addEventListener("install", (e) => {
  e.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (e) => {
  e.waitUntil(self.clients.claim());
});

/** The page, its script, style and icons. */
function ours(url) {
  return url.origin === location.origin && /^\/(?:|app\.(?:js|css)|icon\.svg|manifest\.webmanifest)$/.test(url.pathname);
}

/** From the network, so that a new version is seen at once; else as it was kept. */
async function answer(request) {
  const cache = await caches.open(name);
  try {
    const res = await fetch(request);
    if (res.ok) await cache.put(request, res.clone());
    return res;
  } catch (err) {
    const kept = await cache.match(request, { ignoreSearch: new URL(request.url).pathname === "/" });
    if (kept) return kept;
    throw err;
  }
}

self.addEventListener("fetch", (e) => {
  if (e.request.method === "GET" && ours(new URL(e.request.url))) e.respondWith(answer(e.request));
});
