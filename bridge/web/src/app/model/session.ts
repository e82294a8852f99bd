// The links that this page is given. A link carries its token in the fragment, which is sent nowhere; it leaves
// the address bar at once.
import { readToken, tokenForm } from "./doors";

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
