// One side of the reconciliation of one log. Flights alternate: the initiator sends the first, and each
// side answers a flight with one flight or, when it is done, with none. It does no IO.
import { Bytes, Element, LogSet, RECORDS, compareElements, equal } from "../core";
import { refuse } from "../core/errors";
import { IdList, listWidth, maxList, maxShort, sketchWidth } from "./bits";
import { LIMITS, Output, SessionConfig } from "./config";
import { Flight, Listing, advance, elementKey, fullWidth, newFlight } from "./flight";
import { INITIATOR, RESPONDER, SessionKeys } from "./keys";
import * as m from "./message";
import { Item, bySending, compareNames, keyOf, nameOf } from "./name";
import { firstCells, makePlan, sketchCells, splitSpan } from "./plan";
import { Cell, decodeSketch, sketchId } from "./sketch";
import { View } from "./view";

const unexpected = (what: string): never => refuse("protocol", what);

export class Session {
  private readonly keys: SessionKeys;
  private readonly view: View;
  private failed: unknown;
  private done = false;
  private equal = false;
  private taken = 0;
  private readonly sent = new Set<string>();
  private readonly awaited = new Set<string>();
  private readonly widths = new Set<number>();
  private send: Item[] = [];
  private want: Item[] = [];
  private reply: m.Message[] = [];

  private heardHello = false;
  private syncAgreed = false;
  private flight = newFlight();

  // What was asked of the peer and is not answered.
  private waiting = false;
  private asked: (readonly (readonly Item[])[])[] = [];
  private ladder = false;
  private sketch = false;

  // The sketch of this session and the ranges listed outside it.
  private readonly listed: m.Span[] = [];
  private cells: readonly Cell[] = [];
  private own = 0;
  private retries = 0;
  private listing: Listing | undefined;
  private hearing: Listing | undefined;

  constructor(private readonly c: SessionConfig) {
    this.keys = new SessionKeys(c.key);
    this.view = new View(c.secret, c.elements);
  }

  /** The initiator's first flight; empty for a responder. Called once, before any step. */
  start(): Output {
    if (this.c.role === RESPONDER) return this.finish(false);
    this.emitHello();
    const since = this.c.sync?.since;
    if (this.c.full) this.startFull();
    else if (since && since.length <= maxList) this.reply.push({ kind: m.SINCE, ...this.nameShort(since) });
    else this.emitLadder();
    return this.finish(true);
  }

  /** Takes one frame of the peer. Throws "malformed", "protocol" or "limit"; then the session is dead. */
  step(frame: Bytes): Output {
    if (this.failed) throw this.failed;
    try {
      if (this.done) unexpected("frame after the end");
      if (this.taken++ >= LIMITS.frames) refuse("limit", "too many frames");
      const { follows, messages } = m.parseFrame(frame);
      for (const message of messages) this.take(message);
      if (!follows) this.endFlight();
      return this.finish(!follows);
    } catch (problem) {
      this.failed = problem;
      throw problem;
    }
  }

  /** Tells the session that an item has arrived here, from this peer or another. */
  got(i: Item): void {
    for (const width of this.widths) this.awaited.delete(`${width}/${this.nameOf(i, width)}`);
  }

  /** How many items the peer was asked for that have not arrived. */
  get missing(): number {
    return this.awaited.size;
  }

  private nameOf(i: Item, width: number): number | string {
    if (width === fullWidth) return i.prefix;
    return width === sketchWidth ? sketchId(this.view.keyed(i)) : this.keys.shortId(i, width);
  }

  private expect(width: number, id: number | string): void {
    this.awaited.add(`${width}/${id}`);
    this.widths.add(width);
  }

  private finish(flightOver: boolean): Output {
    const { send, want, done } = this;
    const reply = flightOver ? m.packFrames(this.reply) : [];
    if (flightOver) this.reply = [];
    [this.send, this.want] = [[], []];
    return { reply, send: send.sort(bySending), want, done, equal: done && this.equal };
  }

  private take(message: m.Message): void {
    const isHello = message.kind === m.HELLO;
    if (isHello === this.heardHello) unexpected("hello not first, or repeated");
    if (isHello) return this.takeHello(message);
    if (this.equal) return; // the peer spoke before it knew
    this.flight.empty = false;
    switch (message.kind) {
      case m.SINCE:
        return this.takeSince(message);
      case m.LADDER:
        return this.takeLadder(message.rungs);
      case m.CELLS:
        return this.takeCells(message.start, message.cells);
      case m.LIST:
        return this.takeList(message.span, message);
      case m.WANT:
        return this.takeWant(message.bits);
      case m.WANT_IDS:
        return this.takeWantIds(message);
      case m.MORE:
        this.flight.more = message.total;
        return;
      case m.FULL:
        return this.takeFull(message);
    }
  }

  private takeHello(h: { readonly proof: Bytes; readonly sync: Bytes | undefined }): void {
    this.heardHello = true;
    this.equal = equal(h.proof, this.keys.proof(this.c.role === INITIATOR ? RESPONDER : INITIATOR, this.c.digests));
    const sync = this.sync();
    this.syncAgreed = !!sync && !!h.sync && equal(sync, h.sync);
    if (this.c.role === RESPONDER) this.emitHello();
  }

  private emitHello(): void {
    this.reply.push({ kind: m.HELLO, proof: this.keys.proof(this.c.role, this.c.digests), sync: this.sync() });
  }

  private sync(): Bytes | undefined {
    return this.c.sync && !this.c.full ? this.keys.sync(this.c.sync, this.c.role) : undefined;
  }

  private endFlight(): void {
    const f = this.flight;
    this.flight = newFlight();
    this.waiting = false;
    this.done = this.equal;
    if (this.done) return;
    if (f.empty) unexpected("flight without a message");
    this.answer(f);
    if (this.waiting) return;
    if (this.ladder || this.sketch || this.asked.length) unexpected("end with questions unanswered");
    this.done = true;
  }

  private answer(f: Flight): void {
    if (this.onlyAskedSince() && (f.ladder || f.full)) this.asked = []; // our since was refused
    if (this.asked.length) unexpected("flight that leaves lists unanswered");
    this.sendItems(this.view.find(f.wanted));
    if (f.full) {
      this.ladder = this.sketch = false;
      this.waiting = this.hearing!.set <= RECORDS;
    } else if (this.listing) this.continueFull();
    else if (this.c.full && (f.refused || f.ladder)) this.startFull();
    else if (f.refused) this.emitLadder();
    else if (f.ladder) this.answerLadder(f.ladder, f.cells);
    else if (f.more) this.answerMore(f.more);
    else if (f.cells.length) this.answerCells();
  }

  /** Names items for sending, once. */
  private sendItems(items: readonly Item[]): void {
    for (const { set, time, prefix } of items) {
      const key = keyOf({ set, time, prefix });
      if (!this.sent.has(key)) this.send.push({ set, time, prefix });
      this.sent.add(key);
    }
  }

  // Lists.

  /** Names items for the peer and remembers which entry means which. */
  private nameShort(items: readonly Item[]): IdList {
    const width = listWidth(items.length);
    const by = this.byShort(items, width);
    const ids = [...by.keys()].sort((a, b) => a - b);
    this.ask(ids.map((id) => by.get(id)!));
    return { width, ids };
  }

  private byShort(items: readonly Item[], width: number): Map<number, Item[]> {
    const by = new Map<number, Item[]>();
    for (const i of items) {
      const id = this.keys.shortId(i, width);
      by.set(id, [...(by.get(id) ?? []), i]);
    }
    return by;
  }

  /** Notes a list that the peer must answer with a want. */
  private ask(entries: readonly (readonly Item[])[]): void {
    this.asked.push(entries);
    this.waiting = true;
  }

  private takeSince(l: IdList): void {
    if (this.c.role === INITIATOR || this.flight.refused || this.hasStarted()) unexpected("since");
    if (!this.syncAgreed) {
      this.flight.refused = true;
      return;
    }
    this.syncAgreed = false; // it serves once
    this.compare(this.c.sync!.since, l);
  }

  /** Whether a since is all we have asked so far, which the peer may refuse. */
  private onlyAskedSince(): boolean {
    return this.c.role === INITIATOR && !!this.c.sync && !this.ladder && !this.listed.length && this.own === 0 && !this.listing;
  }

  private hasStarted(): boolean {
    return this.ladder || this.sketch || !!this.asked.length || !!this.listed.length || !!this.listing || !!this.hearing;
  }

  /** Ranges come newest first and do not overlap. */
  private takeList(span: m.Span, l: IdList): void {
    if (this.own > 0 || this.hearing || this.listing) unexpected("list");
    if (span.from && span.to && compareNames(span.from, span.to) >= 0) unexpected("list of an empty range");
    const last = this.listed[this.listed.length - 1];
    if (last && (!last.from || !span.to || compareNames(span.to, last.from) > 0)) unexpected("lists out of order");
    this.ladder = false;
    this.listed.push(span);
    this.compare(this.view.items(span), l);
  }

  /** Answers a list: own items that are not in it are sent, entries that name none of our own are wanted. */
  private compare(own: readonly Item[], l: IdList): void {
    if (l.width > maxShort) unexpected("width of a list");
    const by = this.byShort(own, l.width);
    const bits = l.ids.map((id) => !by.delete(id));
    l.ids.forEach((id, i) => bits[i] && this.expect(l.width, id));
    for (const items of by.values()) this.sendItems(items);
    this.reply.push({ kind: m.WANT, bits });
  }

  private takeWant(bits: readonly boolean[]): void {
    const asked = this.asked.shift();
    if (!asked || asked.length !== bits.length) return unexpected("want");
    bits.forEach((wanted, i) => wanted && this.sendItems(asked[i]!));
  }

  // Ladders and sketches.

  private emitLadder(): void {
    this.reply.push({ kind: m.LADDER, rungs: this.view.ladder(this.keys.print) });
    this.reply.push({ kind: m.CELLS, start: 0, cells: this.view.sketch(firstCells, []) });
    this.ladder = this.waiting = true;
  }

  private takeLadder(rungs: readonly m.Rung[]): void {
    if (this.flight.ladder || (!this.onlyAskedSince() && (this.c.role === INITIATOR || this.hasStarted()))) unexpected("ladder");
    this.flight.ladder = rungs;
  }

  /** Gathers cells: those after a ladder, or those of a sketch we wait for. */
  private takeCells(start: number, cells: readonly Cell[]): void {
    const ofLadder = !!this.flight.ladder;
    if (!ofLadder && (this.own > 0 || this.listing || this.hearing)) unexpected("cells");
    const before = ofLadder ? this.flight.cells : this.cells;
    if (start !== before.length || !cells.length) unexpected("cells out of order");
    const all = [...before, ...cells];
    if (all.length > (ofLadder ? firstCells : LIMITS.cells)) refuse("limit", "sketch is too long");
    this.ladder = false;
    if (!ofLadder) this.cells = all;
    this.flight.cells = all;
  }

  /** Decodes the cells that came with a ladder if they suffice, and else lists dense ranges and sketches the rest. */
  private answerLadder(rungs: readonly m.Rung[], cells: readonly Cell[]): void {
    const found = this.decode(cells, []);
    if (found) {
      if (found === "lies") this.startFull();
      return;
    }
    let plan = makePlan(this.view, this.keys.print, rungs);
    if (!plan.dense.length && !plan.sparse) return this.startFull();
    if (sketchCells(plan.sparse) > LIMITS.cells) plan = { dense: [{ from: undefined, to: undefined }], sparse: 0 };
    for (const { span, items } of plan.dense.flatMap((r) => splitSpan(this.view, r))) {
      this.reply.push({ kind: m.LIST, span, ...this.nameShort(items) });
      this.listed.push(span);
    }
    if (plan.sparse) {
      this.sketch = true;
      this.emitCells(sketchCells(plan.sparse));
    }
  }

  /** Continues our sketch up to n cells. */
  private emitCells(n: number): void {
    const all = this.view.sketch(n, this.listed);
    for (let end; this.own < n; this.own = end) {
      end = Math.min(n, this.own + m.maxCellsMessage);
      this.reply.push({ kind: m.CELLS, start: this.own, cells: all.slice(this.own, end) });
    }
    this.waiting = true;
  }

  private answerMore(total: number): void {
    if (!this.sketch || total <= this.own) unexpected("more");
    if (!this.mayRetry(total)) return this.startFull();
    this.emitCells(total);
  }

  private answerCells(): void {
    if (this.decode(this.cells, this.listed) === "found") return;
    const total = this.cells.length + Math.floor(this.cells.length / 2) + 16;
    if (!this.mayRetry(total)) return this.startFull();
    this.reply.push({ kind: m.MORE, total });
    this.waiting = true;
  }

  private mayRetry(total: number): boolean {
    return total <= LIMITS.cells && this.retries++ < LIMITS.retries;
  }

  /** Sends what the peer lacks and asks for what we lack, if the sketches' difference comes out even. */
  private decode(peers: readonly Cell[], without: readonly m.Span[]): "found" | "lies" | undefined {
    if (!peers.length) return undefined;
    const d = decodeSketch(this.view.sketch(peers.length, without), peers);
    if (!d) return undefined;
    const items = this.view.find(d.own);
    const known = new Set(items.map((i) => sketchId(i.keyed))).size === new Set(d.own).size;
    if (!known || (d.own.length + d.peers.length === 0 && !without.length)) return "lies";
    this.sendItems(items);
    for (const id of d.peers) this.expect(sketchWidth, id);
    let at = 0;
    do {
      this.reply.push({ kind: m.WANT_IDS, width: sketchWidth, ids: d.peers.slice(at, at + maxList) });
      at += maxList;
    } while (at < d.peers.length);
    return "found";
  }

  private takeWantIds(l: IdList): void {
    if (l.width !== sketchWidth || (!this.ladder && !this.sketch && !this.flight.decoded)) unexpected("wanted IDs");
    this.ladder = this.sketch = false;
    this.flight.decoded = true;
    this.flight.wanted.push(...l.ids);
  }

  // Full listings.

  private startFull(): void {
    if (this.listing || this.hearing) unexpected("second full listing");
    this.sketch = this.ladder = false;
    this.listing = { set: 0, after: undefined };
    this.continueFull();
  }

  /** Lists the next window; past the end it lists nothing. */
  private continueFull(): void {
    const at = this.listing!;
    for (let i = 0; i < LIMITS.window && at.set <= RECORDS; i++) {
      const set = at.set as LogSet;
      const left = this.after(at, undefined);
      const elements = left.slice(0, m.maxFull);
      this.reply.push({ kind: m.FULL, set, last: left.length <= m.maxFull, elements });
      advance(at, left.length <= m.maxFull, elements);
      this.ask(elements.map((e) => [{ set, ...nameOf(e) }]));
    }
  }

  /** Our own elements after a place, up to and including `to`. */
  private after(at: Listing, to: Element | undefined): readonly Element[] {
    const { after } = at;
    return this.c.elements[at.set as LogSet].filter((e) => (!after || compareElements(e, after) > 0) && (!to || compareElements(e, to) <= 0));
  }

  /** Compares one part of the peer's full listing with our own elements in the same range. */
  private takeFull({ set, last, elements }: m.Full): void {
    const h = (this.hearing ??= { set: 0, after: undefined });
    const first = elements[0];
    if (this.listing || set !== h.set || (!first && !last)) unexpected("full listing");
    if (first && h.after && compareElements(first, h.after) <= 0) unexpected("full listing out of order");
    this.flight.full = true;
    const own = this.after(h, last ? undefined : elements[elements.length - 1]);
    const ownHashes = new Set(own.map(elementKey));
    const theirs = new Set(elements.map(elementKey));
    this.sendItems(own.filter((e) => !theirs.has(elementKey(e))).map((e) => ({ set, ...nameOf(e) })));
    const bits = elements.map((e) => !ownHashes.has(elementKey(e)));
    elements.forEach((e, i) => {
      if (!bits[i]) return;
      this.want.push({ set, ...nameOf(e) });
      this.expect(fullWidth, nameOf(e).prefix);
    });
    this.reply.push({ kind: m.WANT, bits });
    advance(h, last, elements);
  }
}
