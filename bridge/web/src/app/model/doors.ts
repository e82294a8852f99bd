// Which links open which replica. A replica belongs to a match: a new link to it takes the place of the old one's
// token, so that what was recorded under the old one is sent under the new one.
import { decodeCbor, SPECTATOR } from "../../core";

/** One replica, and the tokens that open it: the one to show first, then those to try when the node refuses it. */
export interface Kept {
  readonly database: string;
  readonly tokens: readonly string[];
}

/** What a token says, as far as a page reads it. Only its node can tell whether it is genuine. */
export interface Claims {
  /** The match's ID in hexadecimal. */
  readonly match: string;
  /** The lower, the more it lets its holder do. */
  readonly role: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const most = 40; // replicas kept; the oldest goes
const spares = 3; // tokens kept beside the one to show
const macLength = 32;

export const tokenForm = /^tl1\.[\w-]{20,600}$/;

/** Reads a token; null: it was cut off, or is none. */
export function readToken(token: string): Claims | null {
  if (!tokenForm.test(token)) return null;
  try {
    const all = Uint8Array.from(atob(token.slice(4).replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const claims = decodeCbor(all.subarray(0, -macLength));
    if (!(claims instanceof Map)) return null;
    const [match, role, expires] = [claims.get(2), claims.get(3), claims.get(4)];
    if (!(match instanceof Uint8Array) || match.length !== 32 || typeof role !== "number" || typeof expires !== "number") return null;
    return { match: [...match].map((b) => b.toString(16).padStart(2, "0")).join(""), role, expires };
  } catch {
    return null;
  }
}

/** The match that a replica is of; "" when no token of it says. */
export function matchOf(kept: Kept): string {
  return readToken(kept.tokens[0] ?? "")?.match ?? "";
}

/** Adds a token to what is kept. `now` is in milliseconds since 1970. */
export function admit(list: readonly Kept[], token: string, now: number): readonly Kept[] {
  const match = readToken(token)?.match ?? "";
  if (!list.some((k) => matchOf(k) === match)) return [...list, { database: "touchline-" + match, tokens: [token] }].slice(-most);
  return list.map((k) => (matchOf(k) === match ? { ...k, tokens: inOrder([token, ...k.tokens.filter((t) => t !== token)], now).slice(0, spares + 1) } : k));
}

/** The best first: one that has not expired, then the one that allows most, then the newest, which comes first in tokens. */
function inOrder(tokens: readonly string[], now: number): readonly string[] {
  const rank = (t: string): number => {
    const c = readToken(t);
    return (c?.role ?? SPECTATOR) + ((c?.expires ?? 0) > now ? 0 : 100);
  };
  return [...tokens].sort((a, b) => rank(a) - rank(b));
}

/** The node refused a token: the next is tried. The last one stays, for the page to say what is wrong. */
export function refuse(list: readonly Kept[], token: string): readonly Kept[] {
  return list.map((k) => (k.tokens.length > 1 && k.tokens.includes(token) ? { ...k, tokens: k.tokens.filter((t) => t !== token) } : k));
}

/** Another replica of the same match is the one that is shown: this one only has to be sent. */
export function drains(list: readonly Kept[], database: string): boolean {
  const at = list.findIndex((k) => k.database === database);
  return at >= 0 && list.slice(at + 1).some((k) => matchOf(k) === matchOf(list[at]!));
}

/** Reads what was kept. Before there was one replica for each match there was one for each token. */
export function parseKept(text: string | null, now: number): readonly Kept[] {
  let list: readonly Kept[] = [];
  try {
    const read: unknown = JSON.parse(text ?? "[]");
    if (Array.isArray(read)) list = read.map(keptOf).filter((k) => k !== null);
  } catch {
    // What cannot be read opens nothing.
  }
  // A newer link to the same match opens the older replicas, too.
  for (const { tokens } of list) for (const t of [...tokens].reverse()) list = admit(list, t, now);
  return list;
}

function keptOf(v: unknown): Kept | null {
  if (typeof v === "string") return readToken(v) && { database: "touchline-" + v.slice(4, 24), tokens: [v] };
  const { database, tokens } = (v ?? {}) as Partial<Kept>;
  if (typeof database !== "string" || !Array.isArray(tokens)) return null;
  const good = tokens.filter((t): t is string => typeof t === "string" && readToken(t) !== null);
  return good.length ? { database, tokens: good } : null;
}
