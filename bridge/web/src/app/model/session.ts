// The tokens that this page was given: one opens one match at one node.
// A link carries its token in the fragment, which is sent nowhere; it leaves the address bar at once.

const key = "touchline.tokens";
const most = 40; // tokens kept; the oldest goes

/** Takes the token of a link like #join=TOKEN out of the address bar. */
export function takeToken(): string | null {
  const found = /^#(?:\/?join[=/])(tl1\.[\w-]{20,600})$/.exec(location.hash);
  if (!found) return null;
  history.replaceState(null, "", location.pathname + location.search + "#/");
  return found[1] ?? null;
}

/** The token of a text that somebody pasted: the token itself, or a link with it. */
export function tokenIn(text: string): string | null {
  return /tl1\.[\w-]{20,600}/.exec(text)?.[0] ?? null;
}

export function tokens(): readonly string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(list) ? list.filter((t): t is string => typeof t === "string") : [];
  } catch {
    return [];
  }
}

export function keepToken(token: string): void {
  keep([...tokens().filter((t) => t !== token), token].slice(-most));
}

export function dropToken(token: string): void {
  keep(tokens().filter((t) => t !== token));
}

function keep(list: readonly string[]): void {
  try {
    localStorage.setItem(key, JSON.stringify(list));
  } catch {
    // Storage is full or forbidden: the token is good as long as the page is open.
  }
}
