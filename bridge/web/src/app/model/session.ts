// The links that this page was given, kept for later visits and shared with the other pages of this browser.
// A link carries its token in the fragment, which is sent nowhere; it leaves the address bar at once.
import { admit, parseKept, readToken, tokenForm, type Kept } from "./doors";
import { now } from "./time";

const key = "touchline.tokens";

/** What somebody opened or pasted: a token, or what is wrong with it. */
export type Opened = { readonly token: string } | { readonly wrong: "incomplete" | "invite" };

/** Takes a link like #join=TOKEN out of the address bar; null: there is none. */
export function takeLink(): Opened | null {
  const found = openedBy(location.hash);
  if (found) history.replaceState(null, "", location.pathname + location.search + "#/");
  return found;
}

/** Reads the fragment of an address; null: it is none of a link. */
export function openedBy(fragment: string): Opened | null {
  if (/^#touchline:/.test(decoded(fragment))) return { wrong: "invite" };
  const found = /^#\/?join[=/](.*)$/.exec(fragment);
  return found ? opened(decoded(found[1] ?? "")) : null;
}

/** Reads a text that somebody pasted: the token itself, or a link with it. */
export function opened(text: string): Opened {
  if (/touchline:(names:)?1#/.test(decoded(text))) return { wrong: "invite" };
  const token = /tl1\.[\w-]*/.exec(text)?.[0] ?? "";
  return tokenForm.test(token) && readToken(token) ? { token } : { wrong: "incomplete" };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

let held: readonly Kept[] | undefined; // where storage is forbidden, as long as the page is open

export function keptDoors(): readonly Kept[] {
  if (held) return held;
  try {
    return parseKept(localStorage.getItem(key), now());
  } catch {
    return (held = []);
  }
}

export function keepDoors(list: readonly Kept[]): void {
  try {
    localStorage.setItem(key, JSON.stringify(list));
    held = undefined;
  } catch {
    held = list;
  }
}

export function keepToken(token: string): void {
  keepDoors(admit(keptDoors(), token, now()));
}

/** Calls back when another page of this browser opened a link or left a match. */
export function onOtherPages(changed: () => void): void {
  addEventListener("storage", (e) => {
    if (e.key === key || e.key === null) changed();
  });
}
