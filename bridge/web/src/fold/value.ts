// Values of payloads, read as the log's other implementation reads them: of a repeated field each is seen, in order,
// and the last counts; whole numbers are such however they are written; null clears.

/** A JSON object with its members in order, repeated ones too. */
export class Members {
  constructor(readonly list: readonly (readonly [string, Value])[]) {}
}

/** A parsed JSON value. */
export type Value = null | boolean | number | string | readonly Value[] | Members;

export const MAX_NAME = 64;
export const MAX_TEXT = 280;
/** 3.5 hours: no period is longer. */
export const MAX_CLOCK_MS = 6 * 2 ** 21;
const maxPlayers = 64;
const maxNumber = 2 ** 40;

/** Reads a payload; null if it is not a JSON object. */
export function parse(data: string | object): Members | null {
  if (typeof data !== "string") return ordered(data) as Members;
  try {
    const v: unknown = JSON.parse(data);
    if (typeof v !== "object" || v === null || Array.isArray(v)) return null;
    // Only an object that repeats a field has more colons than members.
    return (repeats(data, v) ? new Reader(data).value() : ordered(v)) as Members;
  } catch {
    return null;
  }
}

function ordered(v: unknown): Value {
  if (Array.isArray(v)) return v.map(ordered);
  if (typeof v === "object" && v !== null) return new Members(Object.entries(v).map(([k, x]) => [k, ordered(x)] as const));
  return v as Value;
}

/** Whether some object may name a field twice; JSON.parse keeps but the last. Colons inside strings only make it look again. */
function repeats(json: string, v: unknown): boolean {
  let colons = 0;
  for (let i = json.indexOf(":"); i >= 0; i = json.indexOf(":", i + 1)) colons++;
  return colons !== membersIn(v);
}

function membersIn(v: unknown): number {
  if (typeof v !== "object" || v === null) return 0;
  const inner = Object.values(v) as unknown[];
  return inner.reduce((n: number, x) => n + membersIn(x), Array.isArray(v) ? 0 : inner.length);
}

const token = /\s*([{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s,:\]}]+)/y;

/** Reads what is known to be JSON. */
class Reader {
  private at = 0;
  constructor(private readonly json: string) {}

  private next(): string {
    token.lastIndex = this.at;
    const m = token.exec(this.json)!;
    this.at = token.lastIndex;
    return m[1]!;
  }

  value(first = this.next()): Value {
    if (first === "{") return this.members();
    if (first === "[") return this.items();
    return JSON.parse(first) as Value;
  }

  private members(): Members {
    const list: [string, Value][] = [];
    for (let t = this.next(); t !== "}"; t = this.next()) {
      if (t === ",") continue;
      this.next(); // the colon
      list.push([JSON.parse(t) as string, this.value()]);
    }
    return new Members(list);
  }

  private items(): Value[] {
    const list: Value[] = [];
    for (let t = this.next(); t !== "]"; t = this.next()) if (t !== ",") list.push(this.value(t));
    return list;
  }
}

// The readers below return undefined for what cannot be.

export function whole(v: Value): number | undefined {
  return typeof v === "number" && Number.isInteger(v) && Math.abs(v) <= 2 ** 53 ? v + 0 : undefined;
}

/** A string, or the digits of a whole number: some clients number their players. null is "". */
export function text(v: Value, limit = MAX_NAME): string | undefined {
  if (v === null) return "";
  if (typeof v !== "string") return whole(v)?.toString();
  const s = v.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (c) => (c.length === 2 ? c : "\ufffd"));
  return size(s) <= limit ? s : undefined;
}

/** Length in UTF-8. */
function size(s: string): number {
  let n = s.length;
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (c >= 0x80) n += c >= 0x800 && (c < 0xd800 || c > 0xdfff) ? 2 : 1;
  }
  return n;
}

export function count(v: Value): number | undefined {
  if (v === null) return 0;
  const n = whole(v);
  return n !== undefined && n >= 0 && n <= maxNumber ? n : undefined;
}

export function truth(v: Value): boolean | undefined {
  return v === null ? false : typeof v === "boolean" ? v : undefined;
}

/** Players: a list, or one; "" changes nothing and gives null. */
export function players(v: Value): readonly string[] | null | undefined {
  if (v === null) return [];
  if (!Array.isArray(v)) {
    const one = text(v);
    return one ? [one] : one === "" ? null : undefined;
  }
  const out: string[] = [];
  for (const item of v as readonly Value[]) {
    const id = text(item);
    if (!id || out.length >= maxPlayers) return undefined;
    if (!out.includes(id)) out.push(id);
  }
  return out;
}

export interface Shirt {
  readonly id: string;
  readonly no?: number;
}

/** Players with their numbers: each an ID or {id, no}. */
export function squad(v: Value): readonly Shirt[] | undefined {
  if (v === null) return [];
  if (!Array.isArray(v)) return undefined;
  const out: Shirt[] = [];
  for (const item of v as readonly Value[]) {
    let id = "";
    let no = 0;
    if (item instanceof Members) {
      for (const [k, x] of item.list) {
        if (k === "id") id = text(x) ?? id;
        else if (k === "no") no = count(x) ?? no;
      }
    } else id = text(item) ?? "";
    if (!id || out.length >= maxPlayers) return undefined;
    out.push(no ? { id, no } : { id });
  }
  return out;
}

/** [home, away], goals each. */
export function pair(v: Value): readonly number[] | undefined {
  if (v === null) return [];
  if (!Array.isArray(v) || v.length !== 2) return undefined;
  const out = (v as readonly Value[]).map(count);
  return out.every((n) => n !== undefined && n < 1000) ? (out as number[]) : undefined;
}
