// On an https origin the app is kept for reloads without a network.

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** Registers the service worker where there can be one, and keeps what the page itself has loaded. */
export async function keepApp(): Promise<void> {
  if (!isSecureContext || location.protocol !== "https:" || !("serviceWorker" in navigator)) return;
  const trusted = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  const url = trusted ? trusted.createPolicy("touchline", { createScriptURL: (u) => u }).createScriptURL("sw.js") : "sw.js";
  await navigator.serviceWorker.register(url);
  await navigator.serviceWorker.ready;
  const cache = await caches.open("touchline-app");
  const links = [...document.querySelectorAll<HTMLLinkElement | HTMLScriptElement>("link[href], script[src]")];
  await cache.addAll(["./", ...links.map((l) => ("src" in l ? l.src : l.href))]);
}
