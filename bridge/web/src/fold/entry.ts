// How things that happened, and corrections of them, are shown.
import { FoldEvent, REFEREE, UNCONFIRMED, VOID } from "./event";
import { shown } from "./facts";
import { unknownKind } from "./kinds";
import { Item, authors } from "./merge";
import { Report, compare, element } from "./report";
import type { Book } from "./resolve";
import { sideName } from "./side";
import type { Correction, Entry, Source, Status } from "./state";

/** What the statuses of goals depend on beside themselves. */
export interface Outlook {
  /** Latest period that was started. */
  readonly kickoff: number;
  /** People whose goals count. */
  readonly recorders: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Verdict {
  readonly status: Status;
  readonly counts?: boolean;
  readonly reason?: string | undefined;
  readonly by?: Report | null;
}

const afterWhistle = "told after the final whistle";

export function entryOf(it: Item, book: Book, outlook: Outlook): Entry {
  const r = it.main;
  const v = verdictOf(it, book, outlook);
  const sources = sourcesOf(it);
  const goal = r.ev.type === "goal" && v.counts;
  const flags = [...it.marks, ...it.flags];
  if (r.late) flags.push("late");
  if (goal && outlook.recorders > 1 && authors(it) === 1) flags.push("one_of_several");
  // Field by field, in the order of the State's JSON: a match has thousands.
  const e: Writable<Entry> = { hash: r.ev.hash } as Entry;
  if (r.ev.id) e.id = r.ev.id;
  e.type = r.ev.type;
  if (r.side >= 0) e.side = sideName(r.side as 0 | 1);
  e.period = r.period;
  e.clockMs = r.at;
  e.clocked = r.clocked;
  e.by = r.ev.author;
  e.role = r.ev.role;
  e.ownMs = r.ev.ownMs;
  e.facts = shown(it.facts);
  e.status = v.status;
  e.counts = !!v.counts;
  if (v.reason) e.reason = v.reason;
  if (v.by) e.statusBy = v.by.ev.hash;
  if (r.amended.length) e.amended = r.amended;
  if (sources.length) e.sources = sources;
  if (it.differs.length) e.differs = it.differs;
  if (flags.length) e.flags = [...new Set(flags)].sort();
  if (goal) e.score = [it.score[0], it.score[1]];
  return e;
}

function verdictOf(it: Item, book: Book, outlook: Outlook): Verdict {
  const r = it.main;
  const by = r.withdrawn ?? it.reached;
  const stood = accessVerdict(r.ev);
  if (stood) return stood;
  if (by) return { status: "withdrawn", reason: by.base.facts.reason, by };
  if (r.wrong) return { status: "invalid", reason: r.wrong };
  if (r.kind === unknownKind) return { status: "ignored" };
  if (r.waits) return { status: "waiting", reason: afterWhistle };
  if ((r.ev.type === "match.end" && r !== book.end) || (r.ev.type === "ruling" && r !== book.ruling)) return { status: "superseded" };
  if (it.refused) return { status: "reported", reason: it.flags.includes("perhaps_same") ? "perhaps told already" : "impossible as told" };
  const sure = r.confirmed || r.ev.role <= REFEREE || confirmedByTheRest(it, book, outlook);
  return { status: sure ? "confirmed" : "reported", counts: true, by: r.confirmed };
}

function accessVerdict(e: FoldEvent): Verdict | null {
  if (e.standing === VOID) return { status: "void", reason: e.reason };
  if (e.standing === UNCONFIRMED) return { status: "unconfirmed", reason: e.reason };
  return null;
}

function confirmedByTheRest(it: Item, book: Book, outlook: Outlook): boolean {
  if (authors(it) > 1) return true;
  return it.main.ev.type === "goal" && (outlook.kickoff > it.main.period || (!!book.end && !it.main.late));
}

function sourcesOf(it: Item): Source[] {
  const out: Source[] = [];
  if (!it.others.length && !it.main.copies.length) return out;
  const add = (e: FoldEvent, clockMs: number): void => {
    out.push({ hash: e.hash, by: e.author, role: e.role, clockMs, ownMs: e.ownMs });
  };
  for (const r of [it.main, ...it.others]) {
    if (r !== it.main) add(r.ev, r.at);
    const copies = r.copies.length > 1 ? [...r.copies].sort((a, b) => compare(element(a), element(b))) : r.copies;
    for (const c of copies) add(c, r.at);
  }
  return out;
}

export function correctionOf(m: Report): Correction {
  const { status, reason } = correctionVerdict(m);
  return {
    hash: m.ev.hash, type: m.ev.type, refs: m.ev.refs?.length ? m.ev.refs : null, by: m.ev.author, role: m.ev.role, ownMs: m.ev.ownMs, status,
    ...(reason && { reason }), late: m.late,
  };
}

function correctionVerdict(m: Report): Verdict {
  const stood = accessVerdict(m.ev);
  if (stood) return stood;
  if (m.wrong) return { status: "invalid", reason: m.wrong };
  if (m.withdrawn) return { status: "withdrawn", reason: m.withdrawn.base.facts.reason };
  if (m.waits) return { status: "waiting", reason: afterWhistle };
  if (m.disputed) return { status: "disputed", reason: m.disputed };
  return { status: "effective", reason: m.base.facts.reason };
}
