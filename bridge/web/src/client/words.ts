// Free text may name a child, so a page never signs it into a log that nobody can change (rule R8): the node keeps it
// beside. What is text is decided here as crdt/match.Divide does, and held against it by docs/vectors/words.json.

type Json = unknown;
type Fields = Readonly<Record<string, Json>>;

/** What the log keeps, and what goes beside it; undefined: nothing. */
interface Divided {
  readonly kept?: Json;
  readonly words?: Json;
}

type Slot = (v: Json) => Divided;

const maxName = 64; // bytes
const fits = (s: string): boolean => new TextEncoder().encode(s).length <= maxName;
const isObject = (v: Json): v is Fields => typeof v === "object" && v !== null && !Array.isArray(v);
const own = (o: object, key: string): boolean => Object.prototype.hasOwnProperty.call(o, key);
const isCode = (s: string): boolean => fits(s) && !/[\s\p{Cc}\u0085]/u.test(s);

/** An ID, a number, or a word without a space; or several of them. */
const code: Slot = (v) => {
  const one = (x: Json): boolean => (typeof x === "string" ? isCode(x) : typeof x !== "object" || x === null);
  return (Array.isArray(v) ? v.every(one) : one(v)) ? { kept: v } : { words: v };
};

/** The name of a team or a competition. */
const name: Slot = (v) => ((typeof v === "string" && fits(v)) || Number.isInteger(v) || v === null ? { kept: v } : { words: v });

const reasons: readonly Json[] = ["", "mistake", "disallowed", "duplicate", "wrong_match", "other", null];
const reason: Slot = (v) => (reasons.includes(v) ? { kept: v } : { words: v });

/** Whatever has no string in it. */
const number: Slot = (v) => (/["{]/.test(JSON.stringify(v)) ? { words: v } : { kept: v });

type Slots = Readonly<Record<string, Slot>>;

const object =
  (slots: Slots): Slot =>
  (v) => {
    if (!isObject(v)) return code(v);
    const kept: Record<string, Json> = {};
    const words: Record<string, Json> = {};
    for (const [key, x] of Object.entries(v)) {
      if (x === undefined) continue;
      const slot = own(slots, key) ? slots[key] : isCode(key) ? number : undefined;
      const d = slot ? slot(x) : { words: x };
      if (d.kept !== undefined) kept[key] = d.kept;
      if (d.words !== undefined) words[key] = d.words;
    }
    return Object.keys(words).length ? { kept, words } : { kept: v };
  };

/** Several of one slot; words are beside at the same positions. */
const list =
  (of: Slot): Slot =>
  (v) => {
    if (!Array.isArray(v)) return code(v);
    const all = v.map(of);
    if (all.every((d) => d.words === undefined)) return { kept: v };
    if (all.some((d) => d.kept === undefined)) return { words: v };
    return { kept: all.map((d) => d.kept), words: all.map((d) => d.words ?? null) };
  };

const codes = (...names: readonly string[]): Slots => Object.fromEntries(names.map((n) => [n, code]));

const anyKind: Slots = {
  ...codes(
    "player", "playerId", "scorer", "taker", "gk", "by", "official", "assist", "assistId", "assistPlayerId", "on", "how", "kind", "award",
    "emoji", "outcome", "colour", "color", "card", "status", "out", "player_out", "in", "player_in", "body", "foot", "area", "winner",
  ),
  reason,
};
const lineup: Slots = { ...codes("on", "starters", "bench", "gk", "captain"), squad: list(object(codes("id"))) };
const team: Slot = (v) => (isObject(v) ? object({ id: name, name })(v) : name(v));
const setup: Slots = { ...codes("results", "names", "subs"), teams: object({ home: team, away: team }), competition: name, group: name, age_band: name };
const change: Slots = { ...anyKind, ...lineup, ...setup, team: name, type: name };

const ofKind: Readonly<Record<string, Slots>> = {
  "lineup.set": lineup, "match.setup": setup, amend: { ...anyKind, set: object(change) },
};

/** What a log may keep of an event's data, and whether there is more. */
export function divide(type: string, data: Fields): { readonly kept: Fields; readonly words?: Fields } {
  const d = object((own(ofKind, type) && ofKind[type]) || anyKind)(data);
  return { kept: (d.kept ?? {}) as Fields, ...(d.words === undefined ? {} : { words: d.words as Fields }) };
}

/** The same without its free text. */
export function withoutWords<E extends { readonly type?: string; readonly data?: Fields }>(e: E): E {
  const d = e.data && divide(e.type ?? "", e.data);
  return d?.words ? { ...e, data: d.kept } : e;
}
