// The state that a set of events says a match is in: the same, byte for byte as JSON, as crdt/match in Go says.
import { correctionOf, entryOf } from "./entry";
import type { FoldEvent } from "./event";
import { Item, compareItems, itemsOf, newItem } from "./merge";
import { Report, addCopy, contentOf, live, newReport, putInOrder } from "./report";
import { Book } from "./resolve";
import { resultOf } from "./result";
import { shownSetup } from "./setup";
import type { Pair, State } from "./state";
import { Walk } from "./walk";

/** Order and repeats do not matter; of verdicts on one event the last counts. */
export function fold(events: Iterable<FoldEvent>): State {
  const { reports, here } = take(events);
  putInOrder(reports);
  const book = new Book(reports, here);
  const items = sortOut(book);
  const walk = new Walk(book.setup);
  for (const it of items) walk.step(it);
  return show(book, items, walk);
}

/** Makes one report of all copies of an event and links reports with what they reference. */
function take(events: Iterable<FoldEvent>): { reports: Report[]; here: Map<string, Report> } {
  const byHash = new Map<string, FoldEvent>();
  for (const e of events) byHash.set(e.hash, e);
  const here = new Map<string, Report>();
  const reports: Report[] = [];
  const byLabel = new Map<string, Report[]>();
  for (const e of byHash.values()) {
    const label = e.id ? e.author + " " + e.id : "";
    const before = label ? (byLabel.get(label) ?? []) : [];
    const known = before.length ? before.find((q) => contentOf(q.ev) === contentOf(e)) : undefined;
    if (known) {
      here.set(e.hash, known);
      addCopy(known, e);
      continue;
    }
    const r = newReport(e);
    reports.push(r);
    here.set(e.hash, r);
    if (label) byLabel.set(label, [...before, r]);
    if (before.length) for (const q of [...before, r]) q.sameID = true;
  }
  for (const r of reports) r.about = [...new Set((r.ev.refs ?? []).map((h) => here.get(h)))].filter((q) => q !== undefined);
  return { reports, here };
}

/** Groups all reports into the things that happened, in order. */
function sortOut(book: Book): Item[] {
  const items: Item[] = [];
  const buckets = new Map<string, Report[]>();
  for (const r of book.reports) {
    if (r.kind.meta) continue;
    if (r.kind.merge) {
      const key = `${r.ev.type} ${r.kind.merge.cross ? "" : r.side} ${r.period}`;
      const b = buckets.get(key);
      if (b) b.push(r);
      else buckets.set(key, [r]);
      continue;
    }
    const it = newItem(r);
    if ((r.ev.type === "match.end" && r !== book.end) || (r.ev.type === "ruling" && r !== book.ruling)) it.counts = false;
    items.push(it);
  }
  for (const b of buckets.values()) items.push(...itemsOf(b[0]!.kind.merge!, b));
  return items.sort(compareItems);
}

function show(book: Book, items: readonly Item[], w: Walk): State {
  const recorders = new Set(w.goals.flatMap((it) => [it.main, ...it.others].map((r) => r.ev.author))).size;
  const waiting: Pair = [0, 0];
  for (const { main } of items) if (main.ev.type === "goal" && main.waits && live(main)) waiting[main.side as 0 | 1]++;
  const shootout = w.kicks.length ? { score: w.kickScore, kicks: w.kicks, winner: w.kickWinner } : undefined;
  const team = (i: 0 | 1): State["teams"][0] => {
    const told = book.setup.teams[i];
    return w.teams[i].state(!told.id && book.assumedID[i] ? { id: book.assumedID[i], ...told } : told);
  };
  return {
    setup: shownSetup(book.setup), phase: phaseOf(book, w),
    clock: {
      period: w.period, atMs: w.at, running: w.running && !book.end, stopped: w.stopped, startedOwnMs: w.started?.ev.ownMs ?? 0, stopsMs: w.stops,
      addedMs: w.added,
    },
    score: w.score, waiting, periods: w.lengths, ...(shootout && { shootout }), result: resultOf(book, w.score, w.lengths, shootout),
    teams: [team(0), team(1)], timeline: items.map((it) => entryOf(it, book, { kickoff: w.kickoff, recorders })),
    corrections: book.metas.map(correctionOf).reverse(), momentum: w.spells, recorders, assumed: book.assumedID.some((id) => id !== ""),
    playedMs: w.played,
  };
}

function phaseOf(book: Book, w: Walk): State["phase"] {
  if (book.end) return "ended";
  if (w.kicks.length) return "shootout";
  if (w.period === 0) return "before";
  return w.running ? "playing" : "break";
}
